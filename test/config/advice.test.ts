import { describe, expect, it } from 'vitest';
import { adviceOn } from '../../src/config/advice.js';
import type { ConfigYaml } from '../../src/config/schema/index.js';
import { inTemporaryFolder, load, MINIMAL } from './helpers.js';

inTemporaryFolder();

const adds = (loss: string, last: string) =>
  `loss ${loss} takes log-probabilities, and the model ends with ${last}: add a log_softmax layer, or take loss cross_entropy, which needs none`;
const leavesOut = (loss: string, own: string, last: string) =>
  `loss ${loss} takes raw outputs and applies a ${own} itself, and the model ends with ${last}: leave that layer out`;

describe('a model whose end does not fit its loss', () => {
  it.each<[loss: ConfigYaml['loss']['type'], last: string, expected: string[]]>([
    ['nll', 'linear', [adds('nll', 'linear')]],
    ['nll', 'softmax', [adds('nll', 'softmax')]],
    ['nll', 'log_softmax', []],
    ['kl_div', 'linear', [adds('kl_div', 'linear')]],
    ['kl_div', 'log_softmax', []],
    ['cross_entropy', 'linear', []],
    ['cross_entropy', 'softmax', [leavesOut('cross_entropy', 'softmax', 'softmax')]],
    ['cross_entropy', 'log_softmax', [leavesOut('cross_entropy', 'softmax', 'log_softmax')]],
    ['cross_entropy', 'sigmoid', [leavesOut('cross_entropy', 'softmax', 'sigmoid')]],
    ['bce_with_logits', 'linear', []],
    ['bce_with_logits', 'sigmoid', [leavesOut('bce_with_logits', 'sigmoid', 'sigmoid')]],
    ['bce_with_logits', 'softmax', [leavesOut('bce_with_logits', 'sigmoid', 'softmax')]],
    ['mse', 'softmax', []],
    ['mse', 'linear', []],
  ])('%s after %s', (type, last, expected) => {
    expect(adviceOn({ model: [{ type: 'flatten' }, { type: last }], loss: { type } })).toEqual(expected);
  });

  it('is noted with the configuration, which is valid', () => {
    expect(load(MINIMAL).notes).toEqual([]);
    expect(load(`${MINIMAL}loss: { type: nll }\n`).notes).toEqual([adds('nll', 'linear')]);
  });
});

describe('advice on weight decay', () => {
  it.each([
    ['{ type: sgd, weight_decay_on: weights }', 1],
    ['{ type: sgd }', 0],
    ['{ type: adamw, weight_decay_on: weights }', 0],
    ['{ type: sgd, weight_decay_on: weights, groups: [{ layers: [1], weight_decay: 0.1 }] }', 0],
  ])('%s: %i', (optimizer, count) => {
    const { notes } = load(MINIMAL.replace('{ type: sgd }', optimizer));
    expect(notes).toEqual(
      count === 0
        ? []
        : ['optimizer.weight_decay_on: weights is without effect: there is no weight_decay above 0'],
    );
  });
});
