import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { planRun } from '../../../src/config/index.js';
import { checkExport } from '../../../src/runs/export/check.js';
import { refuseLarge } from '../../../src/runs/export/encode.js';
import { type ExportOptions, exportModel } from '../../../src/runs/export/export.js';
import { openExport } from '../../../src/runs/export/run.js';
import { batchesOf, samplesFor } from '../../../src/runs/export/samples.js';
import { readRun } from '../../../src/runs/store/read.js';
import { openTrained } from '../../../src/runs/trained/open.js';
import { loadPredictor } from '../../../src/runs/trained/predictor.js';
import { lossnet, TINY, workspace } from '../../helpers/cli.js';
import { expectClose } from '../../helpers/close.js';

const FORMATS = ['savedmodel', 'onnx', 'tfjs', 'safetensors'] as const;

const TABLE = [
  'age,job,member,pay',
  ...Array.from({ length: 120 }, (_, i) => {
    const age = 20 + ((i * 7) % 50);
    const job = ['baker', 'cook', 'clerk'][i % 3]!;
    return `${i % 11 === 0 ? '' : age},${i % 13 === 0 ? '' : job},${i % 2 ? 'yes' : 'no'},${1000 + age * 31 + (i % 3) * 200}`;
  }),
].join('\n');

const PAY = `epochs: 1
dataset: { type: csv, path: people.csv, target: pay, missing: mean }
loader: { batch_size: 16 }
model: [{ type: linear, out_features: 6 }, { type: batch_norm1d }, { type: gelu }, { type: linear, out_features: 1 }]
loss: { type: mse }
optimizer: { type: adam, lr: 0.01 }
`;
const TEXT = `epochs: 1
dataset: { type: text, size: 600, context: 8 }
loader: { batch_size: 64 }
model:
  - { type: embedding, num_embeddings: 18, embedding_dim: 4 }
  - { type: lstm, hidden_size: 6, bidirectional: true }
  - { type: linear, out_features: 18 }
optimizer: { type: adam, lr: 0.01 }
`;
/** Without running statistics what is said of a sample depends on its batch. */
const BATCH = TINY.replace('{ type: batch_norm2d }', '{ type: batch_norm2d, track_running_stats: false }');

const cwd = workspace({
  'tiny.yaml': TINY,
  'pay.yaml': PAY,
  'text.yaml': TEXT,
  'batch.yaml': BATCH,
  'people.csv': TABLE,
});
const RUNS = ['tiny', 'pay', 'text', 'batch'] as const;
const run = (name: string) => join(cwd, 'runs', name);
const previous = process.cwd();

/** What lossnet itself says, of the samples that exports are tried out on. */
async function lossnetOf(name: string) {
  const trained = openTrained(run(name));
  const plan = planRun(trained.resolved, false, trained.preprocessing.spec);
  const predictor = await loadPredictor(trained, plan, 8, {});
  return { predictor, samples: await samplesFor(readRun(run(name)), plan, {}) };
}

beforeAll(async () => {
  for (const name of RUNS) {
    const { code, stderr } = await lossnet(['train', `${name}.yaml`, 'epochs=1', '-q'], { cwd });
    expect([name, code], stderr).toEqual([name, 0]);
  }
  // Of the same layers, with other weights.
  await lossnet(['train', 'tiny.yaml', 'epochs=1', 'seed=6', '-q', '--name', 'other'], { cwd });
  process.chdir(cwd); // where the paths of the configurations count from
  return () => process.chdir(previous);
});

describe('an export that is opened', () => {
  it.each(RUNS.flatMap((name) => FORMATS.map((format) => [name, format] as const)))(
    'of %s, as %s, says what lossnet says of the data that the run was evaluated on',
    async (name, format) => {
      const { check, folder, batchSize } = (await exportModel(run(name), { format }))!;
      expect(check).toMatchObject({ data: 'evaluation' });
      const { predictor, samples } = await lossnetOf(name);
      const runner = await openExport(folder);
      expect([runner.format, runner.batchSize]).toEqual([format, format === 'savedmodel' ? 1 : null]);
      for (const [inputs, count] of batchesOf(samples, batchSize)) {
        expectClose(await runner.run(inputs, count), await predictor.outputs(inputs, count), 1e-5);
      }
      runner.dispose();
      predictor.dispose();
    },
  );

  it.each(['savedmodel', 'onnx', 'tfjs'] as const)(
    'as %s of a fixed batch size takes fewer',
    async (format) => {
      const folder = join(cwd, `four-${format}`);
      const { check } = (await exportModel(run('tiny'), { format, batchSize: 4, output: folder }))!;
      expect(check!.samples).toBe(20);
      const { predictor, samples } = await lossnetOf('tiny');
      const runner = await openExport(folder);
      const [[inputs]] = [...batchesOf(samples, 3)] as [[Uint8Array, number]];
      expectClose(await runner.run(inputs, 3), await predictor.outputs(inputs, 3), 1e-5);
      await expect(runner.run(new Uint8Array(5 * 3072), 5)).rejects.toThrow(
        'it takes 4 samples at once, not 5',
      );
      await expect(runner.run(new Uint8Array(7), 3)).rejects.toThrow('7 numbers are no 3 samples of 3072');
      runner.dispose();
      predictor.dispose();
    },
  );

  it('is not filled up where samples are looked at together', async () => {
    const folder = join(cwd, 'together');
    await exportModel(run('batch'), { format: 'savedmodel', batchSize: 4, output: folder });
    const runner = await openExport(folder);
    expect(runner.record.looksAtBatch).toBe(true);
    // Other TensorFlows have no ops of lossnet's own.
    expect(readFileSync(join(folder, 'saved_model.pb'), 'latin1')).not.toContain('Lossnet');
    await expect(runner.run(new Uint8Array(3 * 3072), 3)).rejects.toThrow('depends on all of them');
    runner.dispose();
  });
});

describe('an export is tried out', () => {
  it('on random samples where those of the run are gone', async () => {
    rmSync(join(cwd, 'people.csv'));
    try {
      const { check } = (await exportModel(run('pay'), { format: 'onnx', output: join(cwd, 'random') }))!;
      expect(check).toMatchObject({ data: 'random', samples: 100 });
    } finally {
      writeFileSync(join(cwd, 'people.csv'), TABLE);
    }
  });

  it.each(['onnx', 'tfjs', 'safetensors'] as const)(
    'and as %s refused when it says something else',
    async (format) => {
      const folder = join(cwd, `others-${format}`);
      // Of the same layers, but trained further.
      await lossnet(['train', 'tiny.yaml', 'epochs=2', 'seed=6', '-q', '--name', 'other', '--force'], {
        cwd,
      });
      await exportModel(run('other'), { format, output: folder });
      const { predictor, samples } = await lossnetOf('tiny');
      await expect(checkExport(folder, predictor, samples, async () => true)).rejects.toThrow(
        /^The exported model does not say what lossnet says: it differs by .* from it, .* of the largest value, and 0.00001 is allowed/,
      );
      predictor.dispose();
    },
  );
});

describe('an export that was damaged', () => {
  const damage = (
    format: (typeof FORMATS)[number],
    file: string,
    change: (text: Buffer) => string | Buffer,
  ) => {
    const folder = join(cwd, `damaged-${format}-${file}`);
    cpSync(join(run('tiny'), format), folder, { recursive: true });
    writeFileSync(join(folder, file), change(readFileSync(join(folder, file))));
    return folder;
  };
  const half = (bytes: Buffer) => bytes.subarray(0, bytes.length / 2);

  it.each<[string, (typeof FORMATS)[number], string, (bytes: Buffer) => string | Buffer, string]>([
    ['its record cut short', 'onnx', 'export.json', half, 'export.json is damaged: it is no JSON'],
    [
      'another format in its record',
      'onnx',
      'export.json',
      (bytes) => `${bytes}`.replace('"onnx"', '"coreml"'),
      'format is "coreml"; expected savedmodel or onnx or tfjs or safetensors',
    ],
    [
      'no batch size in its record',
      'onnx',
      'export.json',
      (bytes) => `${bytes}`.replace('batch_size', 'batches'),
      'batch_size is missing',
    ],
    ['its ONNX cut short', 'onnx', 'model.onnx', half, 'model.onnx cannot be loaded: '],
    ['its SavedModel cut short', 'savedmodel', 'saved_model.pb', half, 'saved_model.pb cannot be loaded: '],
    ['its graph cut short', 'tfjs', 'model.json', half, 'model.json cannot be loaded: '],
    ['its weights cut short', 'tfjs', 'weights-1of1.bin', half, 'cannot be loaded: '],
    ['its tensors cut short', 'safetensors', 'model.safetensors', half, 'is not a valid safetensors file'],
  ])('with %s is told so', async (_, format, file, change, message) => {
    await expect(openExport(damage(format, file, change))).rejects.toThrow(message);
  });

  it('or never was one is told so', async () => {
    await expect(openExport(run('tiny'))).rejects.toThrow('is no export: it has no export.json.');
    await expect(openExport(join(cwd, 'nowhere'))).rejects.toThrow('There is no folder');
  });
});

describe('exportModel', () => {
  it.each<[string, ExportOptions, string]>([
    [
      'format',
      { format: 'coreml' as 'onnx' },
      'format is "coreml"; expected savedmodel, onnx, tfjs, safetensors.',
    ],
    ['batchSize', { batchSize: 0.5 }, 'batchSize is 0.5; expected a whole number from 1 to 65536.'],
    ['license', { license: '' }, 'license is ""; expected the short name of one'],
  ])('refuses another %s before anything is read', async (_, options, message) => {
    await expect(exportModel('nowhere', options)).rejects.toThrow(message);
  });

  it('refuses what a file of the format cannot hold', () => {
    const state = [{ size: 300_000_000 }, { size: 300_000_000 }];
    expect(() => refuseLarge('onnx', { state })).toThrow(
      'The weights take 2.4 GB, and a file of the format onnx can have 2.1 GB at most.',
    );
    expect(() => refuseLarge('onnx', { state: state.slice(1) })).not.toThrow();
  });
});
