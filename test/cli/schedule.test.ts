import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lossnet, TINY, workspace } from '../helpers/cli.js';

/** Eight steps in each of two epochs. */
const SHORT = TINY.replace('epochs: 3', 'epochs: 2');
const withSchedule = (schedule: string) =>
  workspace({ 'tiny.yaml': SHORT.replace(/^schedule: .*$/m, `schedule: ${schedule}`) });

const WARMUP = '{ type: one_cycle, max_lr: 0.1, warmup: { duration: 1000 } }';
const ODD = '{ type: step, step_size: 2 }';
const WARNING =
  'warning: schedule step: the learning rate would first fall after 2 epochs, and the run has 2 epochs\n';

describe('a schedule that does not fit the run', () => {
  it('is refused before anything is written, by every command that would train', async () => {
    const cwd = withSchedule(WARMUP);
    for (const args of [
      ['train', 'tiny.yaml'],
      ['train', 'tiny.yaml', '--dry-run'],
      ['validate', 'tiny.yaml'],
      ['compare', 'sgd', 'adam', '--config', 'tiny.yaml'],
    ]) {
      const { code, stderr } = await lossnet(args, { cwd });
      expect([code, stderr]).toEqual([
        2,
        expect.stringContaining('expected less than 16, the steps of the run; received 1000'),
      ]);
    }
    expect(readdirSync(cwd)).toEqual(['tiny.yaml']);
  });

  it('is warned about where it is only odd, also with --quiet', async () => {
    const cwd = withSchedule(ODD);
    const trained = await lossnet(['train', 'tiny.yaml', '-q'], { cwd });
    expect([trained.code, trained.stderr]).toEqual([0, WARNING]);
    const checked = await lossnet(['validate', 'tiny.yaml'], { cwd });
    expect([checked.code, checked.stderr]).toEqual([0, WARNING]);
    const tried = await lossnet(['train', 'tiny.yaml', '--dry-run'], { cwd });
    expect([tried.code, tried.stderr]).toEqual([0, WARNING]);
    const longer = await lossnet(['train', 'tiny.yaml', '-q', '--resume', 'epochs=3'], { cwd });
    expect([longer.code, longer.stderr]).toEqual([0, '']);
  });

  it('is said once by a comparison', async () => {
    const args = ['compare', 'optimizer.lr=0.01,0.02', '--config', 'tiny.yaml'];
    const { code, stderr } = await lossnet(args, { cwd: withSchedule(ODD) });
    expect([code, stderr.split(WARNING).length - 1]).toEqual([0, 1]);
  });

  it('of a resumed run is judged by the epochs that it has now', async () => {
    const cwd = withSchedule('{ type: constant, warmup: { duration: 9 } }');
    expect((await lossnet(['train', 'tiny.yaml', '-q'], { cwd })).code).toBe(0);
    const { code, stderr } = await lossnet(['train', 'runs/tiny', '--resume', 'epochs=1'], { cwd });
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining('expected less than 8, the steps of the run; received 9'),
    ]);
  });

  it('does not keep a run from being read that was trained with it before', async () => {
    const cwd = withSchedule('{ type: constant, warmup: { duration: 15 } }');
    await lossnet(['train', 'tiny.yaml', '-q'], { cwd });
    const config = join(cwd, 'runs/tiny/config.yaml');
    const saved = (await lossnet(['train', 'runs/tiny', '--print-config'], { cwd })).stdout;
    writeFileSync(config, saved.replace('duration: 15', 'duration: 1000'));
    const exported = await lossnet(['export', 'runs/tiny'], { cwd });
    expect([exported.code, exported.stderr]).toEqual([0, '']);
    const report = await lossnet(['report', 'runs/tiny', '--no-predictions'], { cwd });
    expect([report.code, existsSync(join(cwd, 'runs/tiny/report.html'))]).toEqual([0, true]);
  });
});
