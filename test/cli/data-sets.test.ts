import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { lossnet, workspace } from '../helpers/cli.js';
import { ALL_FILES, batch } from '../train/data/helpers.js';

const config = (dataset: string) => `
dataset: ${dataset}
epochs: 1
model: [{ type: conv2d, out_channels: 4, kernel_size: 3 }, { type: relu }, { type: flatten }, { type: linear, out_features: 20 }]
optimizer: { type: sgd, lr: 0.01 }
loader: { batch_size: 8 }
`;

const four = (value: number) => [0, 0, value >> 8, value & 255];

function writeMnist(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const [prefix, count] of [
    ['train', 20],
    ['t10k', 10],
  ] as const) {
    const pixels = Array.from({ length: count * 784 }, (_, i) => (i * 7) % 256);
    const images = [0, 0, 8, 3, ...four(count), ...four(28), ...four(28), ...pixels];
    const labels = [0, 0, 8, 1, ...four(count), ...Array.from({ length: count }, (_, i) => i % 10)];
    writeFileSync(join(folder, `${prefix}-images-idx3-ubyte.gz`), gzipSync(Buffer.from(images)));
    writeFileSync(join(folder, `${prefix}-labels-idx1-ubyte.gz`), gzipSync(Buffer.from(labels)));
  }
}

function writeCifar100(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, count] of [
    ['train', 20],
    ['test', 10],
  ] as const) {
    const record = (i: number) => [
      i,
      5 * i,
      ...Array.from({ length: 3072 }, (_, at) => (at * (i + 3)) % 256),
    ];
    writeFileSync(
      join(folder, `${name}.bin`),
      Buffer.from(Array.from({ length: count }, (_, i) => record(i)).flat()),
    );
  }
}

describe('data sets of official files', () => {
  it.each([
    ['mnist', '{ type: mnist }', 10, 'mnist: 20 train images, 10 test images'],
    ['fashion_mnist', '{ type: fashion_mnist }', 10, 'fashion_mnist: 20 train images, 10 test images'],
    ['cifar100', '{ type: cifar100, labels: coarse }', 20, 'cifar100: 20 train images, 10 test images'],
  ])(
    '%s is trained on, reported and exported, with LOSSNET_DATA as its root',
    async (name, dataset, classes, said) => {
      const text = config(dataset).replace('out_features: 20', `out_features: ${classes}`);
      const cwd = workspace({ 'c.yaml': text });
      writeMnist(join(cwd, 'kept/mnist'));
      writeMnist(join(cwd, 'kept/FashionMNIST/raw'));
      writeCifar100(join(cwd, 'kept/cifar-100-binary'));
      const env = { LOSSNET_DATA: 'kept' };
      const { code, stderr } = await lossnet(['train', 'c.yaml'], { cwd, env });
      expect([code, stderr]).toEqual([0, expect.stringContaining(said)]);
      const [start] = readFileSync(join(cwd, 'runs/c/metrics.jsonl'), 'utf8').split('\n');
      expect(JSON.parse(start!).train).toMatchObject({ name, records: 20 });

      const report = await lossnet(['report', 'runs/c'], { cwd, env });
      expect([report.code, report.stderr]).toEqual([0, '']);
      expect(readFileSync(join(cwd, 'runs/c/report.html'), 'utf8')).toContain('Confusion');
      expect((await lossnet(['export', 'runs/c'], { cwd, env })).code).toBe(0);
    },
  );

  it('say in a few lines that they are not there, and what to do', async () => {
    const cwd = workspace({ 'c.yaml': config('{ type: mnist, download: false }') });
    const { code, stderr } = await lossnet(['train', 'c.yaml'], { cwd });
    expect([code, stderr]).toEqual([2, expect.stringContaining('out_features')]);
    const fitting = workspace({
      'c.yaml': config('{ type: mnist, download: false }').replace('out_features: 20', 'out_features: 10'),
    });
    const missing = await lossnet(['train', 'c.yaml'], { cwd: fitting });
    expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining('MNIST is not available.')]);
    expect(missing.stderr).toContain('dataset.download is false');
  });
});

describe('a table', () => {
  it.each(['eval_loss', 'eval_rmse'])(
    'whose squared errors are too large for a number is trained on and resumed, monitor %s',
    async (monitor) => {
      const rows = Array.from({ length: 60 }, (_, i) => `${i % 7},${(i % 13) * 1e25 + 0.5}`);
      const text = `
dataset: { type: csv, path: d.csv, target: y, standardize: features }
model: [{ type: linear, out_features: 1 }]
loss: { type: l1 }
optimizer: { type: sgd, lr: 0.01 }
checkpoint: { monitor: ${monitor}, every_steps: 1 }
`;
      const cwd = workspace({ 'c.yaml': text, 'd.csv': `a,y\n${rows.join('\n')}\n` });
      const { code, stdout } = await lossnet(['train', 'c.yaml', 'epochs=2', '-q'], { cwd });
      expect([code, stdout]).toEqual([0, expect.stringContaining('final eval rmse Infinity')]);
      const resumed = await lossnet(['train', 'runs/c', '--resume', 'epochs=3', '-q'], { cwd });
      expect([resumed.code, resumed.stderr]).toEqual([0, '']);
      expect((await lossnet(['train', 'c.yaml', 'epochs=3', '-q', '-n', 'w'], { cwd })).code).toBe(0);
      const of = (run: string, file: string) => readFileSync(join(cwd, 'runs', run, file), 'latin1');
      for (const file of ['checkpoints/last.safetensors', 'checkpoints/resume.safetensors'])
        expect(of('c', file)).toBe(of('w', file));
      // The first line tells how many epochs were asked for.
      const records = (run: string) => of(run, 'metrics.jsonl').split('\n').slice(1);
      expect(records('c')).toEqual(records('w'));
    },
  );
});

describe("pictures of one's own in the form of CIFAR-10", () => {
  const text = config('{ type: cifar10, root: own, download: false }').replace(
    'out_features: 20',
    'out_features: 3',
  );

  function ownPictures(names: string): string {
    const cwd = workspace({ 'c.yaml': text });
    const folder = join(cwd, 'own/cifar-10-batches-bin');
    mkdirSync(folder, { recursive: true });
    for (const [i, name] of ALL_FILES.entries()) writeFileSync(join(folder, name), batch([0, 1, 2], i));
    writeFileSync(join(folder, 'batches.meta.txt'), names);
    return cwd;
  }

  it('have the classes that batches.meta.txt names, in a run and in its report', async () => {
    const cwd = ownPictures('ant\nbee\ncrab\n');
    const trained = await lossnet(['train', 'c.yaml', '-q'], { cwd });
    expect(trained).toMatchObject({ stderr: '', code: 0 });
    await lossnet(['report', 'runs/c'], { cwd });
    const page = readFileSync(join(cwd, 'runs/c/report.html'), 'utf8');
    for (const name of ['ant', 'bee', 'crab']) expect(page).toContain(name);
    expect(page).not.toContain('airplane');
  });

  it('are refused before the first step where the names or the model do not fit', async () => {
    const twice = await lossnet(['validate', 'c.yaml'], { cwd: ownPictures('ant\nant\n') });
    expect(twice.code).toBe(2);
    expect(twice.stderr).toContain('batches.meta.txt names a class twice: `ant` in lines 1 and 2');
    const four = await lossnet(['validate', 'c.yaml'], { cwd: ownPictures('ant\nbee\ncrab\ndog\n') });
    expect(four.code).toBe(2);
    expect(four.stderr).toMatch(/out_features|4 classes/);
  });
});
