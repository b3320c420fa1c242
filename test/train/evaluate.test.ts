import { beforeAll, describe, expect, it } from 'vitest';
import { loadTensorFlow } from '../../src/train/backend/tensorflow.js';
import { createProgram, type Engine } from '../../src/train/engine/index.js';
import { evaluate } from '../../src/train/evaluate.js';
import type { CrossEntropyOptions } from '../../src/train/loss/cross-entropy.js';
import { createLoss, type LossOptions } from '../../src/train/loss/index.js';
import { Sequential } from '../../src/train/model/sequential.js';
import { createOptimizer } from '../../src/train/optim/index.js';
import { loaderOf, tinyDataset } from '../helpers/data.js';
import { CROSS_ENTROPY } from '../helpers/losses.js';
import { layersOf, optimizerOf } from '../helpers/options.js';
import { classes } from '../helpers/tasks.js';

beforeAll(() => loadTensorFlow());

const RECORDS = 30;

/** What an untrained model is worth on images of which every class is there, in batches of a size. */
function evaluated(engine: Engine, loss: LossOptions, batchSize: number) {
  const model = Sequential.build({
    layers: layersOf({ type: 'flatten' }, { type: 'linear', out_features: 4 }),
    input: { kind: 'image', channels: 3, height: 8, width: 8 },
    outputs: 4,
    seed: 1,
  });
  model.initialize();
  const optimizer = createOptimizer(optimizerOf({ type: 'sgd' }), model.parameters);
  const loader = loaderOf(tinyDataset(RECORDS), { batchSize });
  const { program } = createProgram(engine, {
    model,
    optimizer,
    task: classes(4),
    lossFunction: createLoss(loss),
    clip: { clipGradNorm: null, clipGradValue: null },
    sizes: { train: [batchSize], evaluate: loader.sizes },
  });
  const evaluation = evaluate(program, loader);
  let next = evaluation.next();
  while (!next.done) next = evaluation.next();
  program.dispose();
  return next.value;
}

const LOSSES: [name: string, options: Partial<CrossEntropyOptions>][] = [
  ['plain', {}],
  ['class weights', { weight: [0.1, 1, 3, 0.5] }],
  ['an ignored class', { ignoreIndex: 2 }],
  ['both, smoothed', { weight: [0.1, 1, 3, 0], ignoreIndex: 0, labelSmoothing: 0.2 }],
  ['a sum', { reduction: 'sum', ignoreIndex: 1 }],
];

describe.each<Engine>(['eager', 'graph'])('evaluation with engine %s', (engine) => {
  it.each(LOSSES)('does not depend on how the images are cut into batches: %s', (_, options) => {
    const loss = { ...CROSS_ENTROPY, ...options };
    const whole = evaluated(engine, loss, RECORDS);
    expect(whole.nonFinite).toBeNull();
    // Of single images some count for nothing at all.
    for (const batchSize of [7, 1]) {
      const cut = evaluated(engine, loss, batchSize);
      expect(cut.nonFinite).toBeNull();
      expect(cut.metrics).toEqual(whole.metrics);
      expect(cut.divisor).toBeCloseTo(whole.divisor, 6);
      expect(Math.abs(cut.loss - whole.loss)).toBeLessThan(1e-6 * whole.loss);
    }
  });

  it('leaves ignored images out of the accuracy', () => {
    const { targets } = tinyDataset(RECORDS);
    const all = evaluated(engine, CROSS_ENTROPY, RECORDS);
    let hits = 0;
    for (let ignoreIndex = 0; ignoreIndex < 4; ignoreIndex++) {
      const { metrics } = evaluated(engine, { ...CROSS_ENTROPY, ignoreIndex }, 8);
      const counted = targets.filter((target) => target !== ignoreIndex).length;
      hits += metrics.accuracy! * counted;
    }
    // Each image is left out once, and counts three times.
    expect(hits).toBeCloseTo(3 * all.metrics.accuracy! * RECORDS, 6);
  });

  it('has no figures where nothing counts, and blames no tensor', () => {
    const { loss, divisor, nonFinite } = evaluated(engine, { ...CROSS_ENTROPY, weight: [0, 0, 0, 0] }, 8);
    expect(loss).toBeNaN();
    expect([divisor, nonFinite]).toEqual([0, null]);
  });
});
