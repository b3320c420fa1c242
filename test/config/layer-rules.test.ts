import { describe, expect, it } from 'vitest';
import { planRun } from '../../src/config/plan.js';
import { inTemporaryFolder, load, MINIMAL, problemsOf } from './helpers.js';

inTemporaryFolder();

const MODEL = `dataset: { type: shapes }
model:
  - { type: conv2d, out_channels: 4, kernel_size: 3 }
  - { type: batch_norm2d }
  - { type: relu }
  - type: residual
    layers: [{ type: conv2d, out_channels: 4, kernel_size: 3, padding: 1 }, { type: relu }]
  - { type: dropout }
  - { type: flatten }
  - { type: linear, out_features: 10 }
`;
const SGD = 'optimizer: { type: sgd, lr: 0.1, momentum: 0.9 }\n';
const groups = (...blocks: string[]) =>
  `${MODEL}optimizer: { type: sgd, lr: 0.1, groups: [${blocks.join(', ')}] }\n`;

describe('freeze', () => {
  it.each([
    [
      '[7]',
      [
        'freeze.0: there is no layer 7: the layers are 0 to 6 → layers count from 0, as in the names of their parameters; `lossnet validate` shows them',
      ],
    ],
    [
      '[0, 5-8]',
      [
        'freeze.1: there is no layer 8: the layers are 0 to 6 → layers count from 0, as in the names of their parameters; `lossnet validate` shows them',
      ],
    ],
    ['[3-1]', ['freeze.0: 3-1 runs backwards → write 1-3']],
    [
      '[3.layer.0]',
      [
        'freeze.0: there is no layer 3.layer.0 → did you mean `3.layers.0`? → layers within others: 3.layers.0 and 3.layers.1',
      ],
    ],
    [
      '[2, 4]',
      [
        'freeze: nothing would be frozen: these layers have no parameters → layers with parameters: 0, 1, 3 and 6',
      ],
    ],
    [
      '[0-6]',
      [
        'freeze: every parameter of the model would be frozen, and nothing is left to train → leave some out; layers with parameters: 0, 1, 3 and 6',
      ],
    ],
    [
      '[-1]',
      [
        'freeze.0: expected integer ≥ 0, or positions such as 0-3, or a layer within another such as 4.layers.1; received -1',
      ],
    ],
    [
      '3',
      [
        'freeze: expected a list, each integer ≥ 0, or positions such as 0-3, or a layer within another such as 4.layers.1; received 3 → write it as a list: [3]',
      ],
    ],
  ])('%s', (freeze, expected) => {
    expect(problemsOf(`${MODEL}${SGD}freeze: ${freeze}\n`)).toEqual(expected);
  });

  it.each([
    ['[0]', 'train', ['0.weight', '0.bias']],
    ['[0-2]', 'train', ['0.weight', '0.bias', '1.weight', '1.bias']],
    ['[3.layers.0]', 'eval', ['3.layers.0.weight', '3.layers.0.bias']],
    ['[3, 0]', 'train', ['0.weight', '0.bias', '3.layers.0.weight', '3.layers.0.bias']],
    // Dropout is off then.
    ['[4]', 'eval', []],
  ])('%s in mode %s', (freeze, mode, frozen) => {
    const { model } = planRun(load(`${MODEL}${SGD}freeze: ${freeze}\nfrozen_mode: ${mode}\n`));
    expect(model.parameters.filter(({ requiresGrad }) => !requiresGrad).map(({ name }) => name)).toEqual(
      frozen,
    );
    expect(model.parameterCount - model.trainableCount).toBe(
      model.parameters.reduce((sum, { name, size }) => sum + (frozen.includes(name) ? size : 0), 0),
    );
  });

  it('says nothing of a model that is wrong itself', () => {
    const text = MINIMAL.replace('10', '11');
    expect(problemsOf(`${text}freeze: [9]\n`)).toEqual([expect.stringContaining('the last layer gives 11')]);
  });

  it('in evaluation, a norm looks at no other samples, and may have a batch of one', () => {
    const text = MODEL.replace('batch_norm2d', 'batch_norm2d, eps: 0.001');
    const of = (mode: string) => planRun(load(`${text}${SGD}freeze: [1]\nfrozen_mode: ${mode}\n`)).model;
    expect([of('train').mixesSamples, of('eval').mixesSamples]).toEqual([true, false]);
  });
});

describe('optimizer.groups', () => {
  it.each([
    [
      ['{ lr: 1 }'],
      [
        'optimizer.groups.0: a group names its layers or its parameters, and this one names neither → for example layers: [0], or parameters: "*.bias"',
      ],
    ],
    [
      ['{ layers: [2], lr: 1 }'],
      [
        'optimizer.groups.0.layers.0: layer 2 has no parameters: it is relu → layers with parameters: 0, 1, 3 and 6',
      ],
    ],
    [
      ['{ layers: [9] }'],
      [
        'optimizer.groups.0.layers.0: there is no layer 9: the layers are 0 to 6 → layers count from 0, as in the names of their parameters; `lossnet validate` shows them',
      ],
    ],
    [
      ['{ layers: [0-1] }', '{ layers: [6, 1] }'],
      [
        'optimizer.groups.1.layers.1: 1.weight and 1 more would be in two groups: optimizer.groups.0 has them already → a parameter is in one group: name it in one of them only',
      ],
    ],
    [
      ['{ parameters: "*.bias" }', '{ layers: [6] }'],
      [
        'optimizer.groups.1.layers.0: 6.bias would be in two groups: optimizer.groups.0 has it already → a parameter is in one group: name it in one of them only',
      ],
    ],
    [
      ['{ parameters: ["6.wieght", "*.bias"] }'],
      [
        'optimizer.groups.0.parameters.0: no parameter has a name that fits 6.wieght → did you mean `6.weight`? → the model has 0.weight, 0.bias, 1.weight, 1.bias, 3.layers.0.weight, 3.layers.0.bias, 6.weight and 6.bias',
      ],
    ],
    [
      ['{ layers: [6], nesterov: true }'],
      ['optimizer.groups.0.nesterov: of this group: nesterov needs momentum above 0 and dampening 0'],
    ],
    [
      ['{ layers: [6], betas: [0.9, 0.99] }'],
      [expect.stringMatching(/^optimizer\.groups\.0\.betas: unknown key/)],
    ],
    [
      ['{ layers: [6], max_lr: 1 }'],
      ['optimizer.groups.0.max_lr: max_lr is the peak of one_cycle, and the schedule is constant → write lr'],
    ],
  ])('%j', (blocks, expected) => {
    expect(problemsOf(groups(...blocks))).toEqual(expected);
  });

  it('refuses what is frozen, but for patterns that fit others too', () => {
    const text = `${groups('{ layers: [0-1] }', '{ parameters: "*.bias" }')}freeze: [0]\n`;
    expect(problemsOf(text)).toEqual([
      'optimizer.groups.0.layers.0: layer 0 is frozen, and what is not trained is in no group → leave it out here, or in freeze',
    ]);
    const only = `${groups('{ parameters: "0.*" }')}freeze: [0]\n`;
    expect(problemsOf(only)).toEqual([
      'optimizer.groups.0.parameters: all that fits 0.* is frozen, and what is not trained is in no group → leave it out here, or in freeze',
    ]);
  });

  it('points at a learning rate that one_cycle would not look at', () => {
    const text = `${groups('{ layers: [0], lr: 0.1 }')}schedule: { type: one_cycle, max_lr: 1 }\n`;
    expect(problemsOf(text)).toEqual([
      'optimizer.groups.0.lr: one_cycle does not look at lr, which would be without effect → write max_lr, the peak of this group; left out, it is schedule.max_lr',
    ]);
  });

  it('is changed by arguments, each by its position, and keeps only what is said', () => {
    const text = groups('{ layers: [0], lr: 0.1 }', '{ layers: [6] }');
    const { yaml } = load(text, {
      overrides: ['optimizer.groups.0.lr=0.5', 'optimizer.groups.1.weight_decay=0'],
    });
    expect(yaml.optimizer.groups).toEqual([
      { layers: [0], lr: 0.5 },
      { layers: [6], weight_decay: 0 },
    ]);
    expect(problemsOf(text, { overrides: ['optimizer.groups.2.lr=0.5'] })).toEqual([
      'optimizer.groups.2.lr: `optimizer.groups` is a list without an entry `2`: its entries are 0 to 1',
    ]);
  });
});

describe('init.strict', () => {
  it.each([
    [
      'init: { strict: false }',
      ['init.strict: strict: false is about what from names, and there is no from'],
    ],
    [
      'init: { from: a.safetensors, weight: { type: zeros } }',
      ['init.from: from gives every value: it cannot stand beside weight or bias, unless strict is false'],
    ],
  ])('%s', (init, expected) => {
    expect(problemsOf(`${MINIMAL}${init}\n`)).toEqual(expected);
  });

  it('lets initialisers give what is not taken', () => {
    const text = `${MINIMAL}init: { from: a.safetensors, strict: false, weight: { type: zeros } }\n`;
    expect(load(text).yaml.init).toMatchObject({ strict: false, weight: { type: 'zeros' } });
  });
});
