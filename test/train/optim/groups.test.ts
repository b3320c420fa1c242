import { beforeAll, describe, expect, it } from 'vitest';
import { toCamelCase } from '../../../src/config/naming.js';
import { scheduleSchema } from '../../../src/config/schema/schedules.js';
import { loadTensorFlow } from '../../../src/train/backend/tensorflow.js';
import { fitsPattern, isWithin, selectionFault } from '../../../src/train/model/selection.js';
import { Sequential } from '../../../src/train/model/sequential.js';
import { biasesAndNorms } from '../../../src/train/optim/groups.js';
import { createOptimizer, withMomentum } from '../../../src/train/optim/index.js';
import { createSchedule } from '../../../src/train/schedule/index.js';
import { layersOf, optimizerOf } from '../../helpers/options.js';

beforeAll(() => loadTensorFlow());

const model = Sequential.build({
  layers: layersOf(
    { type: 'linear', out_features: 4 },
    { type: 'layer_norm' },
    { type: 'residual', layers: [{ type: 'linear', out_features: 4 }] },
    { type: 'linear', out_features: 2 },
  ),
  input: { kind: 'features', features: 3 },
  outputs: 2,
  seed: 0,
});

/** The groups of an optimizer, by what is in them. */
const groupsOf = (block: object) => {
  const options = optimizerOf(block as never);
  return createOptimizer(options, model.parameters, biasesAndNorms(model.layers));
};

describe('parameter groups', () => {
  it('share out the parameters, and those that weight decay spares', () => {
    const optimizer = groupsOf({
      ...{ type: 'sgd', lr: 1, weight_decay: 0.1, weight_decay_on: 'weights' },
      groups: [
        { layers: [0], lr: 0.5 },
        { parameters: ['3.*'], weight_decay: 0.2 },
      ],
    });
    expect(optimizer.groups.map(({ parameters }) => parameters.map(({ name }) => name))).toEqual([
      ['2.layers.0.weight'],
      ['1.weight', '1.bias', '2.layers.0.bias'],
      ['0.weight'],
      ['0.bias'],
      ['3.weight'],
      ['3.bias'],
    ]);
    optimizer.set({ lr: 0.1, momentum: null, groupLrs: [0.2, 0.3] });
    expect(optimizer.groups.map(({ lr }) => lr)).toEqual([0.1, 0.1, 0.2, 0.2, 0.3, 0.3]);
  });

  it('begin with the momentum that a schedule cycles, whatever they name', () => {
    const options = optimizerOf({
      type: 'adam',
      groups: [{ layers: [0], betas: [0.1, 0.2] }, { layers: [3] }],
    });
    expect(withMomentum(options, 0.95)?.groups).toEqual([
      { layers: [0], betas: [0.95, 0.2] },
      { layers: [3] },
    ]);
  });
});

describe('schedules make of the rate of each group what they make of the first', () => {
  const total = { epoch: 10, step: 100 };
  const rates = (schedule: object, position: { epoch: number; step: number }, history: number[] = []) => {
    const options = toCamelCase(scheduleSchema.parse(schedule));
    const { at } = createSchedule(options, 1, total, [{ lr: 0.1 }, {}]);
    const { lr, groupLrs } = at(position, history);
    return [lr, ...groupLrs!];
  };

  it.each([
    [
      'a warm-up',
      { type: 'constant', warmup: { duration: 10, start_factor: 0.5 } },
      { epoch: 0, step: 5 },
      [],
      [0.75, 0.075, 0.75],
    ],
    ['steps', { type: 'step', step_size: 3, gamma: 0.5 }, { epoch: 6, step: 60 }, [], [0.25, 0.025, 0.25]],
    [
      'a cosine to a rate of its own',
      { type: 'cosine', eta_min: 0.05 },
      { epoch: 10, step: 100 },
      [],
      [0.05, 0.05, 0.05],
    ],
    // As PyTorch's min_lr: it holds each group up by itself.
    [
      'a plateau',
      { type: 'reduce_on_plateau', patience: 0, min_lr: 0.05 },
      { epoch: 3, step: 30 },
      [1, 1],
      [0.1, 0.05, 0.1],
    ],
  ])('%s', (_, schedule, position, history, expected) => {
    for (const [i, rate] of rates(schedule, position, history as number[]).entries())
      expect(rate).toBeCloseTo(expected[i]!, 12);
  });

  it('has no further rates without groups', () => {
    const { at } = createSchedule(toCamelCase(scheduleSchema.parse({ type: 'constant' })), 1, total);
    expect(at({ epoch: 0, step: 0 }, [])).toEqual({ lr: 1, momentum: null });
  });
});

describe('selectors', () => {
  it.each([
    [1, '1.weight', true],
    [1, '10.weight', false],
    ['0-2', '2.layers.0.bias', true],
    ['0-2', '3.weight', false],
    ['2.layers.0', '2.layers.0.weight', true],
    ['2.layers.0', '2.layers.01.weight', false],
  ])('%s, %s: %s', (selector, name, expected) => {
    expect(isWithin(selector, name)).toBe(expected);
  });

  it.each([
    ['*.bias', '2.layers.0.bias', true],
    ['?.bias', '10.bias', false],
    ['1.weight', '1xweight', false],
    ['*(', '0.weight', false],
  ])('%s, %s: %s', (pattern, name, expected) => {
    expect(fitsPattern(pattern, name)).toBe(expected);
  });

  it.each([
    [3, null],
    [4, { kind: 'beyond', received: 4, last: 3 }],
    ['2-1', { kind: 'backwards', first: 2, last: 1 }],
    ['2.layers.1', { kind: 'unknown', received: '2.layers.1', known: ['0', '1', '2.layers.0', '2', '3'] }],
  ])('%s names what it is wrong in', (selector, expected) => {
    const fault = selectionFault(selector, model.layers);
    if (fault?.kind === 'unknown')
      expect(new Set(fault.known)).toEqual(new Set((expected as typeof fault).known));
    else expect(fault).toEqual(expected);
  });
});
