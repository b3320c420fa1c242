import { describe, expect, it } from 'vitest';
import { inTemporaryFolder, MINIMAL, problemsOf, refused } from '../helpers.js';

const LAYERS =
  'conv2d, max_pool2d, avg_pool2d, adaptive_avg_pool2d, flatten, linear, relu, leaky_relu, elu, gelu, silu, sigmoid, tanh, softmax, log_softmax, dropout, batch_norm1d, batch_norm2d, layer_norm, embedding, gru, lstm, residual';

inTemporaryFolder();

const SIZE = 'expected integer from 1 to 1000000, or [height, width] with each integer from 1 to 1000000';

describe('what is wrong with a block', () => {
  it.each([
    ['kernel_size: 0', `model.0.kernel_size: ${SIZE}; received 0`],
    ['kernel_size: big', `model.0.kernel_size: ${SIZE}; received text "big"`],
    ['kernel_size: [3]', `model.0.kernel_size: ${SIZE}; received the list [3]`],
    ['kernel_size: [3, 3, 3]', `model.0.kernel_size: ${SIZE}; received the list [3, 3, 3]`],
    ['kernel_size: [3, 0]', 'model.0.kernel_size.1: expected integer from 1 to 1000000; received 0'],
    [
      'kernel_size: [3, a], stride: [0, a]',
      'model.0.kernel_size.1: expected integer from 1 to 1000000; received text "a"',
      'model.0.stride.0: expected integer from 1 to 1000000; received 0',
      'model.0.stride.1: expected integer from 1 to 1000000; received text "a"',
    ],
    [
      'stride: 2',
      'model.0.kernel_size: the key `kernel_size` is missing; expected integer from 1 to 1000000, or [height, width] with each integer from 1 to 1000000',
    ],
  ])('a size: %s', (keys, ...expected) => {
    const text = MINIMAL.replace('[{ type: flatten }', `[{ type: max_pool2d, ${keys} }`);
    expect(problemsOf(text)).toEqual(expected);
  });

  it.each([
    [
      'type: sgd, lr: 0,01',
      'optimizer.01: unknown key `01` → a comma ends the value within { }: write 0.01, with a decimal point',
    ],
    ['type: sgd, nesterov: true', 'optimizer.nesterov: nesterov needs momentum above 0 and dampening 0'],
    [
      'type: adam, betas: 0.9',
      'optimizer.betas: expected a list of 2, each number ≥ 0 and < 1; received 0.9 → for example [0.9, 0.999]',
    ],
    ['type: adam, betas: [0.9, 1]', 'optimizer.betas.1: expected number ≥ 0 and < 1; received 1'],
    [
      'type: adam, betas: [0.9]',
      'optimizer.betas: expected a list of 2, each number ≥ 0 and < 1; received the list [0.9]',
    ],
    [
      'type: Adam, momentum: 1',
      'optimizer.type: expected one of sgd, adam, adamw, nadam, rmsprop, adagrad, adadelta, adamax; received text "Adam" → did you mean `adam`?',
      'optimizer.momentum: unknown key `momentum` → `momentum` is a key of type sgd, rmsprop',
    ],
    [
      'type: lbfgs, lr: x',
      'optimizer.type: expected one of sgd, adam, adamw, nadam, rmsprop, adagrad, adadelta, adamax; received text "lbfgs"',
    ],
  ])('an optimizer: %s', (keys, ...expected) => {
    expect(problemsOf(MINIMAL.replace('type: sgd', keys))).toEqual(expected);
  });

  it.each([
    [
      'model: []',
      `model: expected a list with at least 1 entry, each a block with \`type\`: one of ${LAYERS}; received an empty list`,
    ],
    [
      'model: { type: relu }',
      `model: expected a list with at least 1 entry, each a block with \`type\`: one of ${LAYERS}; received a block → begin each entry of the list with "- "`,
    ],
    [
      'model: [ReLU]',
      `model.0: expected a block with \`type\`: one of ${LAYERS}; received text "ReLU" → write it as a block: { type: relu }`,
    ],
    [
      'model: [{ type: Conv2d, out_channels: 0, kernel_size: 1 }]',
      `model.0.type: expected one of ${LAYERS}; received text "Conv2d" → did you mean \`conv2d\`?`,
      'model.0.out_channels: expected integer ≥ 1; received 0',
    ],
  ])('a model: %s', (model, ...expected) => {
    expect(problemsOf(MINIMAL.replace(/^model.*$/m, model))).toEqual(expected);
  });

  it('names the keys that are allowed', () => {
    expect(refused(`${MINIMAL}loader: { bacth: 3 }\n`)).toMatchInlineSnapshot(`
      "config.yaml:4:11  loader.bacth
        unknown key \`bacth\`
        → did you mean \`batch_size\`?
        → allowed here: batch_size, shuffle, drop_last, limit, sampler

          3 | optimizer: { type: sgd }
          4 | loader: { bacth: 3 }
            |           ^^^^^

      1 problem in config.yaml"
    `);
  });

  it('points at the block that lacks a key', () => {
    const text =
      'dataset:\n  train_size: 100\nmodel:\n  - type: linear\n    bias: false\noptimizer: { type: sgd }\n';
    expect(refused(text)).toMatchInlineSnapshot(`
      "config.yaml:1:1  dataset.type
        the key \`type\` is missing; expected one of cifar10, cifar100, mnist, fashion_mnist, shapes, csv,
        arrays, image_folder, text, custom

          1 | dataset:
            | ^^^^^^^
          2 |   train_size: 100

      config.yaml:4:5  model.0.out_features
        the key \`out_features\` is missing; expected integer ≥ 1

          3 | model:
          4 |   - type: linear
            |     ^^^^^^^^^^^^
          5 |     bias: false

      2 problems in config.yaml"
    `);
  });

  it('names required blocks that are missing', () => {
    expect(refused('# nothing yet\n\nepochs: 2\n')).toMatchInlineSnapshot(`
      "config.yaml:3:1  dataset
        the key \`dataset\` is missing; expected a block with \`type\`: one of cifar10, cifar100, mnist,
        fashion_mnist, shapes, csv, arrays, image_folder, text, custom

      config.yaml:3:1  model
        the key \`model\` is missing; expected a list with at least 1 entry, each a block with \`type\`: one
        of conv2d, max_pool2d, avg_pool2d, adaptive_avg_pool2d, flatten, linear, relu, leaky_relu, elu,
        gelu, silu, sigmoid, tanh, softmax, log_softmax, dropout, batch_norm1d, batch_norm2d, layer_norm,
        embedding, gru, lstm, residual

      config.yaml:3:1  optimizer
        the key \`optimizer\` is missing; expected a block with \`type\`: one of sgd, adam, adamw, nadam,
        rmsprop, adagrad, adadelta, adamax

      3 problems in config.yaml"
    `);
  });
});
