import { beforeAll, describe, expect, it } from 'vitest';
import { loadTensorFlow, tensorflow } from '../../../src/train/backend/tensorflow.js';
import { writeFormula } from '../../../src/train/formula.js';
import { createLoss, type LossFormula, type LossOptions } from '../../../src/train/loss/index.js';
import { expectConsistent } from '../../helpers/formula.js';
import { lossOf } from '../../helpers/options.js';

beforeAll(() => loadTensorFlow());

/** One block at least for each kind: a missing one does not compile. */
const BLOCKS: Readonly<Record<LossOptions['type'], readonly object[]>> = {
  cross_entropy: [
    {},
    { weight: [0.5, 2, 3] },
    { label_smoothing: 0.1 },
    { label_smoothing: 0.2, weight: [1, 2, 0.5] },
    { ignore_index: 1 },
  ],
  nll: [{}, { weight: [0.5, 2, 3] }, { ignore_index: 2 }],
  mse: [{}],
  l1: [{}],
  smooth_l1: [{}, { beta: 0.3 }, { beta: 0 }],
  huber: [{}, { delta: 0.4 }],
  bce_with_logits: [
    {},
    { weight: [0.5, 2, 3] },
    { pos_weight: [4, 5, 6] },
    { weight: [1, 2, 3], pos_weight: [2, 2, 2] },
  ],
  kl_div: [{}, { reduction: 'batchmean' }],
};

const OUTPUTS = [
  [0.3, -1.7, 2.25],
  [-0.9, -0.1, -3.5],
  [-40, 60, 150],
];

const cases = Object.entries(BLOCKS).flatMap(([type, blocks]) => blocks.map((block) => ({ type, ...block })));

describe('the formula of every loss', () => {
  it.each(cases)('$type: $0: its numbers give the loss itself', (block) => {
    const tf = tensorflow();
    const loss = createLoss(lossOf(block));
    const check = ({ symbols, lines }: LossFormula, value: number) => {
      const written = writeFormula({
        symbols,
        lines: lines.map((line) => ({ ...line, value: line.value ?? value })),
      });
      expectConsistent(written.filter(({ formula }) => !formula.startsWith('log_softmax')));
      expect(written.at(-1)).toMatchObject({ gives: 'loss', value });
    };
    for (const row of OUTPUTS) {
      for (const target of [0, 1, 2]) {
        if (loss.takes === 'classes') {
          const [value] = loss.rows(tf.tensor2d([row]), tf.tensor1d([target], 'int32')).dataSync();
          check(loss.formula(Float32Array.from(row), target), value!);
          continue;
        }
        const targets = [0, 1, 2].map((k) => (k === target ? 1 : 0));
        const each = loss.each(tf.tensor2d([row]), tf.tensor2d([targets])).dataSync();
        for (const [k, y] of targets.entries()) check(loss.formula(Math.fround(row[k]!), y, k), each[k]!);
      }
    }
  });
});
