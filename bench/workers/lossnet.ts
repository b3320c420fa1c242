import { join } from 'node:path';
import { buildRun, initialize, loadConfig, planRun } from '../../src/config/index.js';
import { loadData, prepare, startForSteps } from '../../src/runs/train/prepare.js';
import { runOp } from '../../src/train/backend/ops.js';
import { sessions } from '../../src/train/backend/sessions.js';
import { tensorflow, tensorflowVersions } from '../../src/train/backend/tensorflow.js';
import { trainEpoch } from '../../src/train/loop.js';
import { memoryMb } from '../machine.js';
import { PATHS } from '../paths.js';
import { dataOverrides } from '../samples.js';
import type { ModelName } from '../settings.js';
import { stepFlops } from '../work.js';
import { serve } from './serve.js';

/**
 * lossnet as a peer: its configuration, its loader and its loop, without what the command line records.
 *
 *     node lossnet.js graph|eager MODEL BATCH STEPS SAMPLES
 *
 * `run` trains an epoch of so many steps; `peak` multiplies large matrices, to know what the machine can do.
 */
const [engine = '', model = '', batch = '', steps = '', samples = ''] = process.argv.slice(2);
const records = Number(batch) * Number(steps);
const plan = planRun(
  loadConfig({
    file: join(PATHS.models, `${model}.yaml`),
    overrides: [
      `engine=${engine}`,
      `loader.batch_size=${batch}`,
      ...dataOverrides({ model: model as ModelName }, records, samples),
    ],
    env: {},
  }),
);
// The library first: it would be opened while the data are read, and what either takes could not be told apart.
await startForSteps(plan, {}, null);
// What data take is theirs, not the library's.
let dataMb = 0;
const data = await prepare(
  plan,
  {},
  {
    load: async ({ source }) => {
      const before = memoryMb();
      const loaded = await loadData(source, {});
      dataMb = memoryMb() - before;
      return loaded;
    },
  },
);
if (data === null) throw new Error('nobody stops it');
const loadedMb = memoryMb() - dataMb;

const started = performance.now();
const { parts, fallback } = buildRun(plan, data, null);
initialize(plan);
const buildMs = performance.now() - started;
if (fallback !== null) throw new Error(`not measured as ${engine}: ${fallback}`);
const firstStepMs = milliseconds(() => trainEpoch(parts, 0, { batch: 0, step: 0 }).next());

let epoch = 0;

/** Trains one epoch, and returns milliseconds per step, and those of them in which TensorFlow waited for JavaScript. */
function run(): { ms: number; waitedMs?: number } {
  let loss = 0;
  const busyBefore = sessions().busy();
  const ms = milliseconds(() => {
    for (const step of trainEpoch(parts, epoch, { batch: 0, step: epoch * parts.loader.length })) {
      loss += step.batches[0]!.loss;
    }
  });
  epoch += 1;
  if (!Number.isFinite(loss)) throw new Error('the loss is not finite: no time to compare');
  const waitedMs = (ms - (sessions().busy() - busyBefore)) / parts.loader.length;
  // The eager engine runs no graph.
  return { ms: ms / parts.loader.length, ...(engine === 'graph' && { waitedMs }) };
}

/**
 * The best of some products of large float32 matrices.
 *
 *     2 n^3 / seconds
 *
 * @returns billions of floating-point operations per second
 */
function peak(): { gflops: number } {
  const n = 2048;
  const tf = tensorflow();
  const seconds = tf.tidy(() => {
    const [a, b] = [tf.randomUniform([n, n]), tf.randomUniform([n, n])];
    const attributes = { transpose_a: { bool: false }, transpose_b: { bool: false } };
    const multiply = () => {
      // One number of the product is read, so that nothing is left to be done later.
      const [product] = runOp('MatMul', { ...attributes, T: { type: 'float32' } }, [a, b]);
      product.slice([0, 0], [1, 1]).dataSync();
      product.dispose();
    };
    return Array.from({ length: 10 }, () => milliseconds(multiply) / 1000);
  });
  return { gflops: (2 * n ** 3) / Math.min(...seconds) / 1e9 };
}

function milliseconds(work: () => void): number {
  const begin = performance.now();
  work();
  return performance.now() - begin;
}

const flops = stepFlops(plan.model, Number(batch));
await serve({ versions: { ...tensorflowVersions() }, buildMs, firstStepMs, loadedMb, flops }, { run, peak });
