import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { lossnet, TINY, workspace } from '../helpers/cli.js';

const table = (rows: number, shift = 0) =>
  [
    'size,kind,price,area',
    ...Array.from({ length: rows }, (_, i) => {
      const [size, kind] = [((i * 37) % 50) / 10 + shift, ['a', 'b', 'c'][i % 3]!];
      return `${size.toFixed(2)},${kind},${(3 * size + (i % 3) + ((i * 7) % 5) / 10).toFixed(3)},${i % 4}`;
    }),
    '',
  ].join('\n');

const VALUES = `epochs: 3
dataset: { type: csv, path: t.csv, target: [price, area], standardize: true }
loader: { batch_size: 8 }
model: [{ type: linear, out_features: 2 }]
loss: { type: mse }
optimizer: { type: adam, lr: 0.05 }
`;

const cwd = workspace({
  'tiny.yaml': TINY,
  't.csv': table(120),
  'other.csv': table(40, 2),
  'v.yaml': VALUES,
});
const run = (args: string[]) => lossnet(args, { cwd });
const json = async (args: string[]) => {
  const { code, stdout, stderr } = await run([...args, '--json']);
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as Record<string, never> & { figures: Record<string, number> };
};
const epochs = (name: string) =>
  readFileSync(join(cwd, 'runs', name, 'metrics.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('{"type":"epoch"'))
    .map((line) => JSON.parse(line) as Record<string, number | boolean>);
const summary = (name: string) =>
  JSON.parse(readFileSync(join(cwd, 'runs', name, 'summary.json'), 'utf8')) as {
    test: Record<string, number>;
  };

beforeAll(async () => {
  const made = await Promise.all([
    run(['train', 'tiny.yaml', '--name', 'a']),
    run(['train', 'tiny.yaml', '--name', 'e', 'engine=eager', 'dataset.split={ val: 0.3 }']),
    run(['train', 'v.yaml', '--name', 'v']),
  ]);
  expect(made.map(({ code }) => code)).toEqual([0, 0, 0]);
  expect((await run(['train', 'tiny.yaml', '--name', 'b', 'seed=6', 'epochs=1'])).code).toBe(0);
});

describe('lossnet evaluate', () => {
  it.each(['a', 'e', 'v'])('gives the figures of the run to the last bit (%s)', async (name) => {
    const { figures } = await json(['evaluate', `runs/${name}`]);
    const best = epochs(name).findLast(({ best: is }) => is)!;
    const recorded = Object.entries(best).filter(([key]) => key.startsWith('eval_'));
    expect(Object.fromEntries(recorded.map(([key, value]) => [key.slice(5), value]))).toEqual(figures);
  });

  it('gives those of the last epoch with its weights, named by a file too', async () => {
    const { figures } = await json(['evaluate', 'runs/a', '--weights', 'last']);
    expect(figures.loss).toBe(epochs('a').at(-1)!.eval_loss);
    expect((await json(['evaluate', 'runs/a/checkpoints/last.safetensors'])).figures).toEqual(figures);
  });

  it.each(['e', 'v'])('gives the figures of the test to the last bit (%s)', async (name) => {
    const { figures, part } = await json(['evaluate', `runs/${name}`, '--part', 'test']);
    const { test } = summary(name);
    const { epoch: _, ...recorded } = test;
    expect(part).toBe('test');
    expect(Object.fromEntries(Object.entries(figures).map(([key, value]) => [`test_${key}`, value]))).toEqual(
      recorded,
    );
  });

  it('shows each class, the matrix and the calibration, which are of the same samples', async () => {
    const { stdout, code } = await run(['evaluate', 'runs/a']);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /best\.safetensors on 20 test images of shapes\n {2}loss +\d\.\d{4}\n {2}accuracy +\d+\.\d\d %/,
    );
    expect(stdout).toMatch(/each class\n +class +precision +recall +f1 +samples\n/);
    const { detail, figures } = (await json(['evaluate', 'runs/a'])) as unknown as {
      detail: { confusion: number[][]; calibration: { samples: number }[] };
      figures: Record<string, number>;
    };
    const hits = detail.confusion.reduce((sum, row, i) => sum + row[i]!, 0);
    expect(hits / 20).toBe(figures.accuracy);
    expect(detail.calibration.reduce((sum, { samples }) => sum + samples, 0)).toBe(20);
  });

  it('takes other data as the training would have taken them, all of them', async () => {
    const { stdout } = await run(['evaluate', 'runs/v', 'dataset.path=other.csv']);
    expect(stdout).toMatch(/on all 40 rows of other\.csv\n/);
    expect(stdout).toMatch(/each value\n +value +rmse +mae +r2\n +price /);
    // The rows that it was evaluated on, in a file of their own, have the figures that they had.
    const identity = JSON.parse(readFileSync(join(cwd, 'runs/v/metrics.jsonl'), 'utf8').split('\n')[0]!) as {
      eval: { records: number };
    };
    const whole = await json(['evaluate', 'runs/v', '--part', 'all']);
    writeFileSync(join(cwd, 'copy.csv'), readFileSync(join(cwd, 't.csv')));
    const again = await json(['evaluate', 'runs/v', 'dataset.path=copy.csv']);
    expect(again.part).toBe('other');
    expect(identity.eval.records).toBeLessThan(40);
    expect(again.figures.rmse).toBeCloseTo(whole.figures.rmse!, 12);
  });

  it('refuses what would share the samples of the run out anew, and what it does not look at', async () => {
    for (const [override, words] of [
      ['dataset.split.seed=5', 'what a run was evaluated on stays what it is'],
      ['dataset.missing=mean', 'what a run was evaluated on stays what it is'],
      ['dataset.eval_path=nowhere.csv', 'what a run was evaluated on stays what it is'],
      ['epochs=3', 'an evaluation does not look at that'],
      ['loader.limit=10', 'an evaluation does not look at that'],
    ]) {
      const { code, stderr } = await run(['evaluate', 'runs/v', override!]);
      expect([code, stderr]).toEqual([2, expect.stringContaining(words!)]);
    }
    const limited = await json(['evaluate', 'runs/v', 'evaluation.limit=5']);
    expect(limited.samples).toBe(5);
  });

  it('says what keeps other data from being taken', async () => {
    writeFileSync(join(cwd, 'bad.csv'), 'size,price,area\n1,2,3\n');
    writeFileSync(join(cwd, 'text.csv'), 'size,kind,price,area\nbig,a,1,2\n1,b,2,3\n,a,1,2\n');
    const lacks = await run(['evaluate', 'runs/v', 'dataset.path=bad.csv']);
    expect([lacks.code, lacks.stderr]).toEqual([
      1,
      expect.stringContaining('lacks columns of the table that was trained on: `kind`'),
    ]);
    const text = await run(['evaluate', 'runs/v', 'dataset.path=text.csv']);
    expect(text.stderr).toContain(
      'line 2: column `size` has `big`, and is to be a number, line 4: column `size` lacks a value',
    );
    const images = await run([
      'evaluate',
      'runs/a',
      'dataset.type=csv',
      'dataset.path=t.csv',
      'dataset.target=kind',
    ]);
    expect([images.code, images.stderr]).toEqual([expect.any(Number), expect.not.stringContaining('defect')]);
    expect(images.code).not.toBe(0);
  });

  it('holds two runs against each other on the same samples, with seeded intervals', async () => {
    const args = ['evaluate', 'runs/a', '--baseline', 'runs/b', '--resamples', '200'];
    const { stdout } = await run(args);
    expect(stdout).toMatch(/against runs\/b\/checkpoints\/best\.safetensors on the same samples\n/);
    expect(stdout).toMatch(/loss +\d\.\d+ +\d\.\d+ +-?\d\.\d+ +-?\d\.\d+ to -?\d\.\d+\n/);
    expect((await run(args)).stdout).toBe(stdout);
    const { baseline } = (await json(args)) as unknown as {
      baseline: {
        differences: {
          figure: string;
          value: number;
          baseline: number;
          difference: number;
          interval: number[];
        }[];
      };
    };
    const loss = baseline.differences.find(({ figure }) => figure === 'loss')!;
    expect(loss.value - loss.baseline).toBe(loss.difference);
    expect(loss.interval[0]).toBeLessThanOrEqual(loss.difference);
    expect(loss.interval[1]).toBeGreaterThanOrEqual(loss.difference);
    const other = await run(['evaluate', 'runs/a', '--baseline', 'runs/v']);
    expect([other.code, other.stderr]).toEqual([
      1,
      expect.stringContaining('are not evaluated on the same samples'),
    ]);
  });

  it('gates what it finds', async () => {
    const held = await run(['evaluate', 'runs/a', '--expect', 'loss<100', '--expect', 'eval_accuracy>=0']);
    expect([held.code, held.stdout]).toEqual([0, expect.stringMatching(/passed {2}loss<100 {2}\(it is /)]);
    const missed = await run(['evaluate', 'runs/a', '--expect', 'accuracy>1']);
    expect([missed.code, missed.stdout]).toEqual([4, expect.stringContaining('FAILED  accuracy>1')]);
    const part = await run(['evaluate', 'runs/a', '--expect', 'train_accuracy>=0']);
    expect([part.code, part.stderr]).toEqual([
      2,
      expect.stringContaining('the figure here is eval_accuracy'),
    ]);
    const unknown = await run(['evaluate', 'runs/v', '--expect', 'accuracy>=0']);
    expect([unknown.code, unknown.stderr]).toEqual([
      2,
      expect.stringContaining('The figures here are loss, rmse, mae, r2'),
    ]);
    const spelt = await run(['evaluate', 'runs/v', '--expect', 'rmze<=1']);
    expect([spelt.code, spelt.stderr]).toEqual([2, expect.stringContaining('did you mean `eval_rmse`?')]);
  });

  it('says what is no trained model', async () => {
    const errors = async (...args: string[]) => {
      const { code, stderr, stdout } = await run(['evaluate', ...args]);
      expect(stdout).toBe('');
      return [code, stderr];
    };
    expect(await errors('runs/aa')).toEqual([2, expect.stringContaining('Did you mean runs/a?')]);
    expect(await errors('tiny.yaml')).toEqual([2, expect.stringContaining('tiny.yaml is no trained model')]);
    cpSync(join(cwd, 'runs/a/checkpoints/best.safetensors'), join(cwd, 'alone.safetensors'));
    expect(await errors('alone.safetensors')).toEqual([2, expect.stringContaining('holds weights alone')]);
    expect(await errors('runs/a/checkpoints/last.safetensors', '--weights', 'best')).toEqual([
      2,
      expect.stringContaining('names the weights itself'),
    ]);
    cpSync(join(cwd, 'runs/a'), join(cwd, 'runs/cut'), { recursive: true });
    const file = join(cwd, 'runs/cut/checkpoints/best.safetensors');
    writeFileSync(file, readFileSync(file).subarray(0, 500));
    expect(await errors('runs/cut')).toEqual([1, expect.stringContaining('best.safetensors')]);
    rmSync(file);
    expect(await errors('runs/cut', '--weights', 'best')).toEqual([
      2,
      expect.stringContaining('take that with --weights last'),
    ]);
    rmSync(join(cwd, 'runs/cut/checkpoints/last.safetensors'));
    expect(await errors('runs/cut')).toEqual([2, expect.stringContaining('has no checkpoint')]);
    expect(await errors('runs/a', 'dataset.train_sise=5')).toEqual([
      2,
      expect.stringContaining('train_size'),
    ]);
  });
});
