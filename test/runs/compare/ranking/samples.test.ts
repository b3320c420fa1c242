import { mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { lossnet, workspace } from '../../../helpers/cli.js';

const cwd = workspace();
const FEW = 'evaluation.limit=10';

beforeAll(async () => {
  const train = ['train', 'tiny.yaml', '-q', 'epochs=1'];
  for (const args of [
    ['-n', 'a'],
    ['-n', 'b', 'optimizer.lr=0.001'],
    ['-n', 'few', FEW],
  ])
    expect((await lossnet([...train, ...args], { cwd })).code).toBe(0);
  // A path that looks like an assignment.
  mkdirSync(join(cwd, 'x=1'));
  renameSync(join(cwd, 'runs'), join(cwd, 'x=1/runs'));
});

describe('finished runs', () => {
  it('are compared from paths that look like assignments', async () => {
    const { code, stdout } = await lossnet(['compare', 'x=1/runs/a', 'x=1/runs/b'], { cwd });
    expect([code, stdout]).toEqual([0, expect.stringContaining('ranked by eval accuracy at the end')]);
  });

  it('that were evaluated on different images are not ranked, in any form', async () => {
    const runs = ['x=1/runs/a', 'x=1/runs/few'];
    const people = await lossnet(['compare', ...runs], { cwd });
    expect([people.code, people.stderr]).toEqual([0, '']);
    const words = people.stdout.replace(/\s+/g, ' ');
    expect(words).toContain('Not ranked: eval accuracy is of different images');
    expect(words).toMatch(
      /Measured were a on 20 test images of shapes \(sha256 \w{12}\); few on the first 10 of 20 test images/,
    );
    expect(people.stdout).toMatch(/^- {2}a .*\n- {2}few /m);

    const json = await lossnet(['compare', ...runs, '--json'], { cwd });
    const { results } = JSON.parse(json.stdout);
    expect(results.different_samples.map(({ names }: { names: string[] }) => names)).toEqual([
      ['a'],
      ['few'],
    ]);
    expect(results.variants.map(({ rank }: { rank: number | null }) => rank)).toEqual([null, null]);
    expect((await lossnet(['compare', ...runs, '--md'], { cwd })).stdout).toContain('Not ranked: ');
  });

  it('apart are told so by a report, which marks no best figure of evaluation', async () => {
    const report = async (...runs: string[]) => {
      const { code } = await lossnet(['report', ...runs, '--no-predictions', '-o', 'r.html', '--force'], {
        cwd,
      });
      expect(code).toBe(0);
      return readFileSync(join(cwd, 'r.html'), 'utf8');
    };
    const apart = await report('x=1/runs/a', 'x=1/runs/few');
    expect(apart).toContain('so that their evaluation figures do not compare: a on 20 test images of shapes');
    const together = await report('x=1/runs/a', 'x=1/runs/b');
    expect(together).not.toContain('figures do not compare');
    const best = (page: string) => page.split('<td class="best">').length - 1;
    expect(best(apart)).toBeLessThanOrEqual(3);
    expect(best(together)).toBeGreaterThanOrEqual(6);
  });
});

describe('variants', () => {
  it('are said not to be ranked before they are evaluated on different images', async () => {
    const args = ['compare', 'evaluation.limit=10,20', '--config', 'tiny.yaml', 'epochs=1', '-q'];
    const { code, stdout, stderr } = await lossnet(args, { cwd });
    expect([code, stderr.split('\n')[0]]).toEqual([
      0,
      'warning: the variants are not all evaluated on the same samples (dataset, evaluation.limit): where that is so, they will not be ranked',
    ]);
    // The first 20 of 20 are all.
    expect(stdout.replace(/\s+/g, ' ')).toMatch(/limit-20 on 20 test images/);
  });
});
