import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeSafetensors } from '../../src/train/safetensors.js';
import { lossnet, workspace } from '../helpers/cli.js';
import { npy, npz } from '../train/data/sources/arrays/helpers.js';

const cwd = workspace();
const COUNT = 60;
const CLASSES = Uint8Array.from({ length: COUNT }, (_, i) => i % 3);
const RANDOM = Uint8Array.from({ length: COUNT * 3 * 4 * 4 }, (_, i) => (i * i * 31 + i * 7) % 40);
/** Channels first, as PyTorch has them: the channel that is bright tells the class. */
const IMAGES = RANDOM.map(
  (value, i) => value + (Math.floor(i / 16) % 3 === Math.floor(i / 48) % 3 ? 200 : 0),
);
const VALUES = Float32Array.from({ length: COUNT }, (_, i) => 3 * Math.sin(i) + i / 10);

const images = `epochs: 4
dataset: { type: arrays, path: images.npz, classes: [r, g, b], split: { by: random, stratify: true, val: 0.2, test: 0.2 } }
loader: { batch_size: 8 }
model: [{ type: conv2d, out_channels: 4, kernel_size: 3 }, { type: relu }, { type: flatten }, { type: linear, out_features: 3 }]
optimizer: { type: adam, lr: 0.01 }
`;
const values = `epochs: 4
dataset: { type: arrays, inputs: x.npy, targets: y.npy, split: { by: random } }
loader: { batch_size: 8 }
model: [{ type: linear, out_features: 1 }]
loss: { type: mse }
optimizer: { type: adam, lr: 0.1 }
`;

const records = (run: string) =>
  readFileSync(join(cwd, 'runs', run, 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

beforeAll(() => {
  const write = (name: string, content: string | Buffer) => writeFileSync(join(cwd, name), content);
  write('images.npz', npz({ inputs: npy(IMAGES, [COUNT, 3, 4, 4]), targets: npy(CLASSES) }));
  write(
    'x.npy',
    npy(
      Float32Array.from({ length: COUNT * 2 }, (_, i) => (i % 2 ? i / 2 : Math.sin(i / 2))),
      [COUNT, 2],
    ),
  );
  write('y.npy', npy(VALUES, [COUNT, 1]));
  const tensors = {
    inputs: { shape: [COUNT, 1], values: VALUES },
    targets: { shape: [COUNT], values: Int32Array.from(CLASSES) },
  };
  write('d.safetensors', encodeSafetensors({ tensors: new Map(Object.entries(tensors)), metadata: {} }));
  write('images.yaml', images);
  write('values.yaml', values);
});

describe('arrays', () => {
  it('are checked by validate', async () => {
    const { code, stdout } = await lossnet(['validate', 'images.yaml', 'values.yaml'], { cwd });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^valid images\.yaml\n +input +3 x 4 x 4\n/);
    expect(stdout).toMatch(/valid values\.yaml\n +input +2\n +0 +linear +1 +3 parameters\n/);
  });

  it('are shown and trained on, images by both engines alike', async () => {
    const { code, stderr, stdout } = await lossnet(['train', 'images.yaml'], { cwd });
    expect(code).toBe(0);
    expect(stderr.split('\n')).toContain(
      'note: images.npz, 36 samples to train on, 12 to choose with, 12 for the end; taken for: inputs: images 3 x 4 x 4 (uint8, channels first); targets: class of 3 (r, g, b)',
    );
    expect(stdout).toContain('test of the best epoch: accuracy ');
    expect(records('images')[0]).toMatchObject({
      train: { name: 'images.npz', split: 'train', records: 36 },
    });
    const eager = ['train', 'images.yaml', 'engine=eager', '--name', 'eager', '-q'];
    expect((await lossnet(eager, { cwd })).code).toBe(0);
    const loss = (run: string) => records(run).findLast(({ type }) => type === 'epoch')!.eval_loss as number;
    expect(Math.abs(loss('eager') - loss('images'))).toBeLessThan(1e-3);
  });

  it('are trained on to tell numbers', async () => {
    const { code, stdout } = await lossnet(['train', 'values.yaml'], { cwd });
    expect([code, stdout]).toEqual([0, expect.stringMatching(/final eval rmse \d/)]);
    const kept = JSON.parse(readFileSync(join(cwd, 'runs/values/preprocessing.json'), 'utf8'));
    expect(kept).toMatchObject({
      target: { kind: 'value', names: ['y'], mean: [expect.any(Number)], std: [expect.any(Number)] },
      inputs: [
        { column: '0', kind: 'number' },
        { column: '1', kind: 'number' },
      ],
    });
  });

  it('of safetensors are trained on', async () => {
    const args = ['train', 'values.yaml', 'dataset.path=d.safetensors', 'dataset.inputs=inputs'];
    const more = [
      'dataset.targets=targets',
      'loss.type=cross_entropy',
      'model.0.out_features=3',
      '--name',
      'st',
    ];
    const { code, stderr } = await lossnet([...args, ...more], { cwd });
    expect([code, stderr]).toEqual([0, expect.stringContaining('targets: class of 3 (0, 1, 2)')]);
  });

  it('are compared on, and searched for a learning rate', async () => {
    const args = ['compare', 'sgd', 'adam', 'epochs=2', '-c', 'images.yaml', '--name', 'both', '-q'];
    const { code, stdout } = await lossnet(args, { cwd });
    expect([code, stdout]).toEqual([0, expect.stringContaining('adam')]);
    const found = await lossnet(['lr-find', 'values.yaml', '--json'], { cwd });
    expect([found.code, found.stderr]).toEqual([0, expect.stringMatching(/^note: x\.npy, .*\n$/)]);
  });

  it('are looked at by lossnet data, samples by their place', async () => {
    const twice = npy(
      IMAGES.map((_, i) => IMAGES[i % (48 * 6)]!),
      [COUNT, 3, 4, 4],
    );
    writeFileSync(join(cwd, 'twice.npz'), npz({ inputs: twice, targets: npy(CLASSES) }));
    const { code, stdout } = await lossnet(['data', 'images.yaml', 'dataset.path=twice.npz'], { cwd });
    expect([code, stdout]).toEqual([1, expect.stringMatching(/twice\.npz, sample \d+/)]);
  });

  it('are shown in a report and left by an export, and needed for neither of numbers', async () => {
    expect((await lossnet(['report', 'runs/images'], { cwd })).code).toBe(0);
    const page = readFileSync(join(cwd, 'runs/images/report.html'), 'utf8');
    expect(page).toContain('Confusion matrix of');
    expect(page).toContain('Worst images of');
    expect((await lossnet(['export', 'runs/images'], { cwd })).stdout).toContain('images  [1, 4, 4, 3]');
    renameSync(join(cwd, 'x.npy'), join(cwd, 'gone.npy'));
    expect((await lossnet(['export', 'runs/values'], { cwd })).code).toBe(0);
    expect((await lossnet(['report', 'runs/values'], { cwd })).code).toBe(0);
    renameSync(join(cwd, 'gone.npy'), join(cwd, 'x.npy'));
  });

  it('must be the same where a run is resumed', async () => {
    expect((await lossnet(['train', 'runs/images', '--resume', 'epochs=5', '-q'], { cwd })).code).toBe(0);
    const other = IMAGES.map((value, i) => (i === 0 ? value + 1 : value));
    writeFileSync(
      join(cwd, 'images.npz'),
      npz({ inputs: npy(other, [COUNT, 3, 4, 4]), targets: npy(CLASSES) }),
    );
    const { code, stderr } = await lossnet(['train', 'runs/images', '--resume', 'epochs=6'], { cwd });
    expect(code).toBe(1);
    expect(stderr).toMatch(/images\.npz (train|val|test), \d+ images, sha256 \w+ when saved/);
  });

  it('that are wrong are shown where they are named', async () => {
    const { code, stderr } = await lossnet(
      ['train', 'values.yaml', 'dataset.targets=no.npy', '--name', 'no'],
      {
        cwd,
      },
    );
    expect(code).toBe(2);
    expect(stderr).toMatchInlineSnapshot(`
      "command line  dataset.targets
        there is no file no.npy
        → relative paths count from the working folder

          dataset.targets=no.npy
                          ^^^^^^

      1 problem on the command line
      "
    `);
    const own = ['dataset.inputs=inputs', 'dataset.targets=targets', '-q'];
    const both = await lossnet(['train', 'values.yaml', 'dataset.path=images.npz', ...own, '--name', 'no'], {
      cwd,
    });
    expect(both.code).toBe(2);
    expect(both.stderr).toMatchInlineSnapshot(`
      "values.yaml:2:10  dataset
        images.npz: targets (uint8) has 3 different whole numbers (0, 1, 2): they may be classes, or
        numbers
        → say which: target_type: class, or target_type: number

          1 | epochs: 4
          2 | dataset: { type: arrays, inputs: x.npy, targets: y.npy, split: { by: random } }
            |          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
          3 | loader: { batch_size: 8 }

      1 problem in values.yaml
      "
    `);
  });
});
