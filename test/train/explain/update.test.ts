import { beforeAll, describe, expect, it } from 'vitest';
import { loadTensorFlow, tensorflow } from '../../../src/train/backend/tensorflow.js';
import { explainUpdate } from '../../../src/train/explain/update.js';
import { plainLayout } from '../../../src/train/model/layout.js';
import { Parameter } from '../../../src/train/model/parameter.js';
import { createOptimizer, USUAL_LR } from '../../../src/train/optim/index.js';
import { expectConsistent } from '../../helpers/formula.js';
import { optimizerOf } from '../../helpers/options.js';

beforeAll(() => loadTensorFlow());

/** Every optimizer as it is by default, and with each of its options that changes the formula. */
const BLOCKS: readonly { readonly type: keyof typeof USUAL_LR; readonly [key: string]: unknown }[] = [
  ...(Object.keys(USUAL_LR) as (keyof typeof USUAL_LR)[]).flatMap((type) => [
    { type },
    { type, weight_decay: 0.1, maximize: true },
  ]),
  { type: 'sgd', momentum: 0.9 },
  { type: 'sgd', momentum: 0.9, dampening: 0.5, weight_decay: 0.1 },
  { type: 'sgd', momentum: 0.9, nesterov: true },
  { type: 'adam', amsgrad: true },
  { type: 'adam', weight_decay: 0.1, decoupled_weight_decay: true },
  { type: 'nadam', weight_decay: 0.1, decoupled_weight_decay: true },
  { type: 'rmsprop', centered: true },
  { type: 'rmsprop', momentum: 0.9, weight_decay: 0.1 },
  { type: 'rmsprop', centered: true, momentum: 0.5 },
  { type: 'adagrad', lr_decay: 0.1, initial_accumulator_value: 0.1 },
];

describe('the formula of every optimizer', () => {
  it.each(BLOCKS)('$type: $0: its lines are those of the update, with the numbers of the step', (block) => {
    const { type } = block;
    const parameter = new Parameter('p', [2, 2], plainLayout([2, 2]));
    parameter.load(Float32Array.of(0.5, -0.25, 0.125, 1));
    const optimizer = createOptimizer(optimizerOf({ lr: USUAL_LR[type] * 10, ...block }), [parameter]);
    for (const [t, gradient] of [
      [0.3, -0.7, 0.2, 0.1],
      [-0.1, 0.4, 0.05, -0.3],
      [0.6, 0.6, -0.2, 0.02],
    ].entries()) {
      const before = {
        state: new Map([[parameter, parameter.values()]]),
        memory: optimizer.stateDict(),
      };
      parameter.grad = tensorflow().tensor(gradient, [2, 2]);
      const used = parameter.gradient()!;
      optimizer.step();
      const [data, memory] = [parameter.values() as Float32Array, optimizer.stateDict()];
      for (const index of [0, 1, 3]) {
        const step = {
          ...{ result: undefined as never, batches: [], divisor: 1, before, data, memory },
          ...{ subject: { parameter, index }, grad: { before: null, each: [gradient[index]!], used } },
        };
        const explained = explainUpdate(optimizer, step);
        expectConsistent(explained.lines);
        expect(explained.t).toBe(t + 1);
        expect(explained.lines.at(-1)).toMatchObject({ gives: 'p', value: data[index] });
        for (const { slot, name, after } of explained.memory) {
          expect(after).toBe(memory.get('p')!.tensors.get(slot)![index]);
          expect(explained.lines.find(({ gives }) => gives === name)!.value).toBe(after);
        }
      }
    }
    optimizer.dispose();
    parameter.dispose();
  });
});
