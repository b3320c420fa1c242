import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadConfig, planRun } from '../../src/config/index.js';
import { loadTensorFlow, type Tensor, tensorflow } from '../../src/train/backend/tensorflow.js';
import { loadWeights } from '../../src/train/model/weights.js';
import { lossnet, workspace } from '../helpers/cli.js';
import { expectClose } from '../helpers/close.js';
import { numbers } from '../helpers/numbers.js';

const SIZE = 3;
const SHAPE: [number, number, number, number] = [SIZE, 32, 32, 3];
const PIXELS = numbers('pixels', SIZE * 32 * 32 * 3).map((value) => Math.floor((value + 1) * 128));

const PYTHON = process.env.LOSSNET_TEST_PYTHON ?? 'python3';
const hasTensorFlow = spawnSync(PYTHON, ['-c', 'import tensorflow']).status === 0;

const cwd = workspace();
const exported = join(cwd, 'runs/tiny/savedmodel');
let expected: Float32Array;
let printed: string;

/** What the trained model gives in lossnet itself. */
function logitsOfRun(): Float32Array {
  const run = join(cwd, 'runs/tiny');
  const { model } = planRun(loadConfig({ file: join(run, 'config.yaml') }), false);
  loadWeights(model.state, join(run, 'checkpoints/best.safetensors'));
  const tf = tensorflow();
  const normalized = PIXELS.map((pixel) => (pixel / 255 - 0.5) / 0.25); // as TINY has it
  const pass = { training: false, batchKey: tf.tensor1d([0, 0], 'int32'), update: () => {} };
  return model.forward(tf.tensor4d(normalized, SHAPE), pass).dataSync() as Float32Array;
}

beforeAll(async () => {
  await loadTensorFlow();
  await lossnet(['train', 'tiny.yaml', 'epochs=1', '-q'], { cwd });
  const { code, stdout, stderr } = await lossnet(['export', 'runs/tiny', '--batch-size', `${SIZE}`], { cwd });
  expect([code, stderr]).toEqual([0, '']);
  printed = stdout;
  expected = logitsOfRun();
});

describe('lossnet export', () => {
  it('says what it wrote and what that takes and gives', () => {
    expect(printed).toMatchInlineSnapshot(`
      "exported runs/tiny/checkpoints/best.safetensors to runs/tiny/savedmodel
        images  [3, 32, 32, 3]  float32, pixels from 0 to 255
        logits  [3, 10]
      "
    `);
  });

  it('writes a SavedModel that gives the logits of the run', async () => {
    const tf = tensorflow();
    const model = await tf.node.loadSavedModel(exported);
    const { logits } = model.predict({ images: tf.tensor4d(PIXELS, SHAPE) }) as unknown as { logits: Tensor };
    expectClose(logits.dataSync(), expected, 1e-5);
    model.dispose();
  });

  it.skipIf(!hasTensorFlow)("writes a SavedModel that Python's TensorFlow loads", () => {
    const script = [
      'import json, sys, numpy as np, tensorflow as tf',
      `images = np.array(json.load(sys.stdin), dtype=np.float32).reshape(${JSON.stringify(SHAPE)})`,
      `call = tf.saved_model.load(${JSON.stringify(exported)}).signatures["serving_default"]`,
      'print(json.dumps(call(images=tf.constant(images))["logits"].numpy().flatten().tolist()))',
    ].join('\n');
    const { stdout } = spawnSync(PYTHON, ['-c', script], {
      input: JSON.stringify([...PIXELS]),
      encoding: 'utf8',
    });
    expectClose(JSON.parse(stdout), expected, 1e-5);
  });

  it('replaces nothing without --force', async () => {
    const again = await lossnet(['export', 'runs/tiny'], { cwd });
    expect([again.code, again.stderr]).toMatchInlineSnapshot(`
      [
        2,
        "error: There is a SavedModel in runs/tiny/savedmodel already.
        Add --force to replace it, or name another folder with --output.
      ",
      ]
    `);
    expect((await lossnet(['export', 'runs/tiny', '--force'], { cwd })).code).toBe(0);
    expect((await lossnet(['export', 'runs/tiny', '-o', 'elsewhere'], { cwd })).code).toBe(0);
    expect(existsSync(join(cwd, 'elsewhere/saved_model.pb'))).toBe(true);
  });

  it.each([
    [['runs/none']],
    [['runs/tiny', '--weights', 'worst']],
    [['runs/tiny', '--format', 'onnx']],
    [['runs/tiny', '--batch-size', '0']],
    [['runs/tiny', '--batch-size', '9007199254740991']],
  ])('says what is wrong with %j', async (args) => {
    const { code, stderr } = await lossnet(['export', ...args], { cwd });
    expect(code).toBe(2);
    expect(stderr).toMatchSnapshot();
  });

  it('does not write into a file', async () => {
    writeFileSync(join(cwd, 'file'), '');
    mkdirSync(join(cwd, 'folder'), { recursive: true });
    const { code, stderr } = await lossnet(['export', 'runs/tiny', '-o', 'file'], { cwd });
    expect(code).toBe(1);
    expect(stderr).toContain('file');
  });
});
