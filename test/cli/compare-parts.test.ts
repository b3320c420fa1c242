import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { lossnet, TINY, workspace } from '../helpers/cli.js';

const cwd = workspace({ 'tiny.yaml': TINY.replace('epochs: 3', 'epochs: 1') });
const run = (args: string[]) => lossnet(['compare', ...args], { cwd });
const ASKED = ['sgd', 'adam', '--config', 'tiny.yaml', '--seeds', '2', '--jobs', '2'];
const RUNS = ['sgd-s5', 'sgd-s6', 'adam-s5', 'adam-s6'];
const part = (i: number) => `runs/compare-p-shard-${i}-of-3`;
const file = (...path: string[]) => readFileSync(join(cwd, 'runs', ...path));

/** compare.json but for the time that training took, and where the runs are. */
const results = (folder: string) =>
  file(folder, 'compare.json')
    .toString()
    .replaceAll(folder, 'F')
    .replace(/"(train_)?seconds": [\d.e-]+/g, '"$1seconds": 0')
    .replace(/\(?[\d.]+ s\b/g, 'S');

beforeAll(async () => {
  expect((await run([...ASKED, '--name', 'whole', '-q', '--expect', 'adam.eval_loss<100'])).code).toBe(0);
  for (const i of [1, 2, 3]) {
    const { code, stdout } = await run([...ASKED, '--name', 'p', '--shard', `${i}/3`]);
    expect([code, stdout]).toEqual([0, expect.stringContaining(`saved in ${part(i)}\n`)]);
  }
});

describe('a comparison in parts', () => {
  it('is, joined, the one that was made in one piece', async () => {
    const merged = await run([
      '--merge',
      part(3),
      part(1),
      part(2),
      '--name',
      'm',
      '--expect',
      'adam.eval_loss<100',
    ]);
    expect([merged.code, merged.stderr]).toEqual([
      0,
      expect.stringContaining('4 runs in runs/compare-m, 4 of them done already'),
    ]);
    expect(merged.stdout).toContain('passed  adam.eval_loss<100');
    expect(results('compare-m')).toBe(results('compare-whole'));
    const content = (folder: string, name: string, kept: string) =>
      file(folder, name, kept).toString('latin1').replaceAll(folder, 'F');
    for (const name of RUNS) {
      for (const kept of [
        'metrics.jsonl',
        'config.yaml',
        'checkpoints/best.safetensors',
        'checkpoints/resume.safetensors',
      ]) {
        const [merged, whole] = ['compare-m', 'compare-whole'].map((folder) => content(folder, name, kept));
        expect(merged === whole, `${name}/${kept}`).toBe(true);
      }
    }
    // Without another name it has that of the parts.
    const named = await run(['--merge', part(1), part(2), part(3), '-q', '--json']);
    expect([named.code, JSON.parse(named.stdout).folder]).toEqual([0, 'runs/compare-p']);
    // The same again copies nothing, and says the same.
    expect((await run(['--merge', part(1), part(2), part(3), '--name', 'm', '-q'])).code).toBe(0);
  });

  it('is joined over what a killed process had copied halfway, which is no run to anyone', async () => {
    // Named as the program names it: by a process that is gone.
    const half = join(cwd, 'runs/compare-h/.tmp-sgd-s5.tmp-1-4194304-0-abc-12345678');
    cpSync(join(cwd, part(1), 'sgd-s5'), half, { recursive: true });
    const listed = await lossnet(['runs', 'ls', 'runs/compare-h', '--json'], { cwd });
    expect(listed.stdout).not.toContain('sgd-s5');
    const merged = await run(['--merge', part(1), part(2), part(3), '--name', 'h', '-q']);
    expect([merged.code, existsSync(half)]).toEqual([0, false]);
  });

  it('is told of as JSON, part by part, and trains nothing twice', async () => {
    const { code, stdout } = await run([...ASKED, '--name', 'p', '--shard', '1/3', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ type: 'part', folder: part(1), runs: 2, failed: 0, of: 4 });
  });

  it('says which runs are missing, and what are no parts of it', async () => {
    const errors = async (...args: string[]) => {
      const { code, stderr } = await run(args);
      return [code, stderr];
    };
    expect(await errors('--merge', part(1), '--name', 'n')).toEqual([
      1,
      expect.stringContaining('No part has trained sgd-s6 and adam-s5 to the end.'),
    ]);
    expect(await errors('--merge', 'nowhere')).toEqual([
      2,
      expect.stringContaining('There is no folder nowhere.'),
    ]);
    expect(await errors('sgd', 'adam', '--merge', part(1))).toEqual([
      2,
      expect.stringContaining('sgd asks for a training'),
    ]);
    expect(await errors(...ASKED, '--shard', '4/3')).toEqual([
      2,
      expect.stringContaining('--shard 4/3: expected a part'),
    ]);
    expect(await errors(...ASKED, '--shard', '1/3', '--expect', 'adam.eval_loss<1')).toEqual([
      2,
      expect.stringContaining('Give --expect to lossnet compare --merge.'),
    ]);
    expect(await errors('runs/compare-whole/sgd-s5', 'runs/compare-whole/adam-s5', '--shard', '1/2')).toEqual(
      [2, expect.stringContaining('these are trained already')],
    );
    cpSync(join(cwd, part(1)), join(cwd, 'other'), { recursive: true });
    const json = join(cwd, 'other/compare.json');
    writeFileSync(json, readFileSync(json, 'utf8').replace(/"sha256": "[0-9a-f]{8}/, '"sha256": "00000000'));
    expect(await errors('--merge', part(1), 'other')).toEqual([
      2,
      expect.stringContaining('are not parts of the same comparison'),
    ]);
    writeFileSync(json, '{');
    expect(await errors('--merge', 'other')).toEqual([1, expect.stringContaining('compare.json is damaged')]);
    rmSync(join(cwd, 'other'), { recursive: true });
  });

  it('is not joined where the configuration has changed since', async () => {
    const config = join(cwd, 'tiny.yaml');
    const before = readFileSync(config);
    writeFileSync(config, `${before}accumulate: 2\n`);
    const { code, stderr } = await run(['--merge', part(1), part(2), part(3), '--name', 'c']);
    writeFileSync(config, before);
    expect([code, stderr]).toEqual([2, expect.stringContaining('is not what it was: a configuration')]);
  });
});
