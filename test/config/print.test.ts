import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { configToYaml, printConfig } from '../../src/config/print.js';
import { inTemporaryFolder, load, MINIMAL } from './helpers.js';

inTemporaryFolder();

const FULL = `
tensorboard: true
optimizer: { type: adam, betas: [0.8, 0.99], eps: 1e-10 }
dataset: { type: cifar10, root: "my data, #1" }
transforms: { normalize: { mean: [0.5, -1e-9, 1e21], std: [1, 1, 1] }, random_flip: {} }
model:
  - { type: conv2d, out_channels: 8, kernel_size: [3, 5] }
  - { type: max_pool2d, kernel_size: 2 }
  - { type: flatten }
  - { type: linear, out_features: 10 }
`;

describe('printConfig', () => {
  it('writes every value, in the order of the schema, and where it comes from', () => {
    const resolved = load(MINIMAL, { env: { LOSSNET_SEED: '7' }, overrides: ['optimizer.lr=0.1'] });
    expect(printConfig(resolved)).toMatchInlineSnapshot(`
      "name: config            # default
      runs_dir: runs          # default
      seed: 7                 # LOSSNET_SEED
      epochs: 20              # default
      engine: graph           # default
      parallel: null          # default
      threads: auto           # default
      dataset:
        type: shapes          # config.yaml:1
        train_size: 5000      # default
        eval_size: 1000       # default
        seed: 0               # default
        split: null           # default
      loader:
        batch_size: 64        # default
        shuffle: true         # default
        drop_last: false      # default
        limit: null           # default
        sampler: null         # default
      transforms:
        random_crop: null     # default
        random_flip: null     # default
        scale: true           # default
        normalize: null       # default
      model:
        - type: flatten       # config.yaml:2
          start_dim: 1        # default
          end_dim: -1         # default
        - type: linear        # config.yaml:2
          out_features: 10    # config.yaml:2
          bias: true          # default
          init: null          # default
      init: null              # default
      freeze: []              # default
      frozen_mode: train      # default
      loss:
        type: cross_entropy   # default
        weight: null          # default
        ignore_index: -100    # default
        label_smoothing: 0    # default
        reduction: mean       # default
      optimizer:
        type: sgd             # config.yaml:3
        lr: 0.1               # argument
        momentum: 0           # default
        dampening: 0          # default
        weight_decay: 0       # default
        nesterov: false       # default
        maximize: false       # default
        weight_decay_on: all  # default
        groups: []            # default
      schedule:
        type: constant        # default
        warmup: null          # default
      clip_grad_norm: null    # default
      clip_grad_value: null   # default
      accumulate: 1           # default
      evaluation:
        every: 1              # default
        batch_size: 256       # default
        limit: null           # default
      checkpoint:
        every_steps: null     # default
        monitor: eval_loss    # default
      early_stopping: null    # default
      max_time: null          # default
      log_every: 10           # default
      expect: []              # default
      tensorboard: false      # default
      "
    `);
  });

  it('names both origins of a list that has two', () => {
    const resolved = load(FULL, { overrides: ['optimizer.betas.1=0.5'] });
    expect(printConfig(resolved)).toMatch(/^ {2}betas: \[0.8, 0.5\] +# config.yaml:3, argument$/m);
  });

  it('does not push all comments to the right for one long line', () => {
    const resolved = load(MINIMAL, { overrides: [`runs_dir=${'long/'.repeat(30)}`] });
    const lines = printConfig(resolved).split('\n');
    expect(lines.find((line) => line.startsWith('epochs'))?.length).toBeLessThan(60);
    expect(lines.find((line) => line.startsWith('runs_dir'))).toMatch(/long\/ {2}# argument$/);
  });
});

describe('what is printed loads to the same values', () => {
  it.each([
    ['a small configuration', MINIMAL],
    ['a full one', FULL],
  ])('%s', (_, text) => {
    const resolved = load(text);
    expect(load(printConfig(resolved)).yaml).toEqual(resolved.yaml);
    expect(load(configToYaml(resolved.yaml)).yaml).toEqual(resolved.yaml);
  });

  it('has no comments in configToYaml', () => {
    expect(configToYaml(load(MINIMAL).yaml)).not.toContain('#');
  });

  it.each([
    '2024',
    '1e3',
    '0x10',
    '.inf',
    '-',
    '---',
    '...',
    'true',
    'No',
    'null',
    '~',
    '',
    ' x ',
    'a: b',
    'a #b',
    '#a',
    '[a]',
    '{a}',
    '*a',
    '&a',
    '!a',
    '@a',
    '`a`',
    '%a',
    '"a"',
    "'a'",
    'a\nb',
    'a\tb',
    '\u0085\u2028',
    '\u0007',
    '日本',
    '👍',
    'C:\\data',
    '/dev/null',
    '<<',
    '?',
    '- a',
    'a,b',
    '=',
  ])('text that YAML could take for something else: %j', (text) => {
    const yaml = load(MINIMAL).yaml;
    const table = { type: 'csv', path: text, target: { column: text }, columns: { [text]: 'number' } };
    // Only what is written is of interest: no other key has names of one's own.
    const changed = { ...yaml, runs_dir: text, dataset: table as unknown as typeof yaml.dataset };
    expect(parse(configToYaml(changed))).toEqual(changed);
  });
});
