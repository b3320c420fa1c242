import { generateShapes } from '../../src/train/data/sources/shapes/draw.js';
import { serve } from './serve.js';
import { loadWholeTfjs } from './whole-tfjs.js';

/**
 * tfjs-node's own `model.fit` as a peer, on floats in memory.
 *
 *     node tfjs.js MODEL BATCH STEPS
 *
 * What is timed is the epoch alone, without what fit does before and after it.
 */
const [model = '', batch = '', stepsText = ''] = process.argv.slice(2);
const steps = Number(stepsText);
const batchSize = Number(batch);
const { tf, versions } = await loadWholeTfjs();
const { layers } = tf;

const conv = (filters: number, kernelSize: number) =>
  layers.conv2d({ filters, kernelSize, padding: 'same', kernelInitializer: 'glorotUniform' });
const norm = () => layers.batchNormalization({ momentum: 0.9, epsilon: 1e-5 });
const pool = () => layers.maxPooling2d({ poolSize: 2 });

const MODELS = {
  tutorial: () => [
    ...[conv(32, 5), pool(), conv(32, 5), pool(), conv(64, 5), pool()],
    ...[layers.flatten(), layers.dense({ units: 64 }), layers.dense({ units: 10 })],
  ],
  'batch-norm': () => [
    ...[conv(32, 3), norm(), layers.reLU(), pool(), conv(64, 3), norm(), layers.reLU(), pool()],
    ...[layers.flatten(), layers.dense({ units: 10 })],
  ],
} as const;

const network = tf.sequential();
network.add(layers.inputLayer({ inputShape: [32, 32, 3] }));
for (const layer of MODELS[model as keyof typeof MODELS]()) network.add(layer);
network.compile({
  optimizer: tf.train.sgd(0.01),
  // tfjs has no loss of its own for raw outputs; this is the function that it would be made of.
  loss: (targets, logits) => tf.losses.softmaxCrossEntropy(targets, logits),
});

const generated = generateShapes({ seed: 0, split: 'train', size: batchSize * steps });
const inputs = tf.tensor4d(
  Float32Array.from(generated.inputs, (byte) => byte / 255),
  [batchSize * steps, 32, 32, 3],
);
const classes = tf.tidy(() => tf.oneHot(tf.tensor1d(generated.targets, 'int32'), 10).toFloat());

async function run(): Promise<{ ms: number }> {
  let started = 0;
  let ms = 0;
  await network.fit(inputs, classes, {
    batchSize,
    epochs: 1,
    verbose: 0,
    callbacks: {
      onEpochBegin: () => {
        started = performance.now();
      },
      onEpochEnd: () => {
        ms = (performance.now() - started) / steps;
      },
    },
  });
  return { ms };
}

await serve({ versions: { ...versions } }, { run });
