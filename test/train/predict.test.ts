import { beforeAll, describe, expect, it } from 'vitest';
import { loadTensorFlow, tensorflow } from '../../src/train/backend/tensorflow.js';
import { EagerProgram } from '../../src/train/engine/eager.js';
import { evaluate } from '../../src/train/evaluate.js';
import { createLoss, type LossOptions } from '../../src/train/loss/index.js';
import { Sequential } from '../../src/train/model/sequential.js';
import { predict } from '../../src/train/predict.js';
import { loaderOf, tinyDataset } from '../helpers/data.js';
import { expectWithin } from '../helpers/margin.js';
import { layersOf } from '../helpers/options.js';
import { classes as classesOf } from '../helpers/tasks.js';

const CROSS_ENTROPY: LossOptions = {
  type: 'cross_entropy',
  weight: null,
  ignoreIndex: -100,
  labelSmoothing: 0,
  reduction: 'mean',
};

let model: Sequential;
const loader = () => loaderOf(tinyDataset(50), { batchSize: 16 });

beforeAll(async () => {
  await loadTensorFlow();
  model = Sequential.build({
    layers: layersOf({ type: 'flatten' }, { type: 'linear', out_features: 4 }, { type: 'dropout', p: 0.5 }),
    input: { kind: 'image', height: 8, width: 8, channels: 3 },
    outputs: 4,
    seed: 1,
  });
  model.initialize();
});

describe('predict', () => {
  it('agrees with an evaluation, image by image', () => {
    const lossFunction = createLoss(CROSS_ENTROPY);
    const { predicted, targets, losses, outputs, classes } = predict(model, lossFunction, loader());
    const evaluation = evaluate(new EagerProgram(model, lossFunction, classesOf(4)), loader());
    let step = evaluation.next();
    while (!step.done) step = evaluation.next();
    expect([...targets]).toEqual([...tinyDataset(50).targets]);
    const mean = losses.reduce((sum, loss) => sum + loss, 0) / 50;
    expectWithin(Math.abs(mean / step.value.loss - 1), 5e-6, 'mean loss');
    const right = predicted.filter((said, i) => said === targets[i]).length;
    expect(right / 50).toBe(step.value.metrics.accuracy);
    expect([classes, outputs.length]).toEqual([4, 200]);
    for (let i = 0; i < 50; i++) {
      const row = [...outputs.subarray(i * 4, i * 4 + 4)];
      expect(row.indexOf(Math.max(...row))).toBe(predicted[i]);
      const expected = Math.log(row.reduce((sum, logit) => sum + Math.exp(logit), 0)) - row[targets[i]!]!;
      expectWithin(Math.abs(losses[i]! - expected), 5e-5, `image ${i}`);
    }
  });

  it.each(['mean', 'sum'] as const)('gives no loss to images that do not count: %s', (reduction) => {
    const loss = createLoss({ ...CROSS_ENTROPY, ignoreIndex: 2, reduction });
    const { losses, targets } = predict(model, loss, loader());
    expect(targets).toContain(2);
    for (const [i, target] of targets.entries()) expect(Number.isNaN(losses[i])).toBe(target === 2);
  });

  it('holds on to no tensor', () => {
    const before = tensorflow().memory().numTensors;
    predict(model, createLoss(CROSS_ENTROPY), loader());
    expect(tensorflow().memory().numTensors).toBe(before);
  });
});
