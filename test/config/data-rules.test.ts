import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { planRun } from '../../src/config/plan.js';
import { npy } from '../train/data/sources/arrays/helpers.js';
import { inTemporaryFolder, load, problemsOf } from './helpers.js';

inTemporaryFolder();

/** Four features, of which two real values follow, as a program has given them. */
const VALUES = `dataset: { type: custom, name: mine, shape: [4], values: [width, height] }
model: [{ type: linear, out_features: 2 }]
loss: { type: mse }
optimizer: { type: sgd }
`;
const record = { isRecord: true };

describe('rules on what the data are', () => {
  it.each([
    [
      'transforms: { random_crop: { padding: 4 }, random_flip: {} }',
      [
        'transforms.random_crop: random_crop is for images, and custom has features → leave it out, or set it to null',
        'transforms.random_flip: random_flip is for images, and custom has features → leave it out, or set it to null',
      ],
    ],
    [
      'transforms: { normalize: { mean: [0], std: [1] }, scale: false }',
      [
        'transforms.normalize: normalize is for images, and custom has features → leave it out, or set it to null',
        'transforms.scale: scale is for images, and custom has features → leave it out: features are never divided by 255',
      ],
    ],
    [
      'checkpoint: { monitor: eval_accuracy }',
      [
        'checkpoint.monitor: eval_accuracy is never known: the data have real values to tell → choose one of eval_loss, eval_rmse, eval_mae, eval_r2, train_loss',
      ],
    ],
    [
      'schedule: { type: reduce_on_plateau, monitor: eval_accuracy }',
      [
        'schedule.monitor: eval_accuracy is never known: the data have real values to tell → choose one of eval_loss, eval_rmse, eval_mae, eval_r2, train_loss',
      ],
    ],
    [
      'expect: [eval_r2>=0.5, best_train_accuracy>=0.5]',
      [
        'expect.1: best_train_accuracy is never known: the data have real values to tell → metrics: eval_rmse, eval_mae, eval_r2, eval_loss, train_rmse, train_mae, train_r2, train_loss; best_ before one of eval or train is its best of all epochs',
      ],
    ],
  ])('%s', (added, expected) => {
    expect(problemsOf(`${VALUES}${added}\n`, record)).toEqual(expected);
  });

  it.each(['cross_entropy', 'nll', 'bce_with_logits', 'kl_div'])('real values and loss %s', (type) => {
    expect(problemsOf(VALUES.replace('mse', type), record)).toEqual([
      `loss.type: ${type} is a loss for classes, and the data have 2 real values (width and height) to tell → set loss.type to one of mse, l1, smooth_l1, huber`,
    ]);
  });

  it('real values and the loss that is the default', () => {
    expect(problemsOf(VALUES.replace('loss: { type: mse }\n', ''), record)).toEqual([
      'dataset: cross_entropy is a loss for classes, and the data have 2 real values (width and height) to tell → set loss.type to one of mse, l1, smooth_l1, huber',
    ]);
  });

  it('classes and figures of real values', () => {
    const classes = VALUES.replace('values: [width, height]', 'classes: [cat, dog]');
    expect(problemsOf(`${classes}checkpoint: { monitor: eval_rmse }\n`, record)).toEqual([
      'checkpoint.monitor: eval_rmse is never known: the data have 2 classes to tell → choose one of eval_loss, eval_accuracy, eval_balanced_accuracy, eval_macro_f1, train_loss',
    ]);
    expect(load(classes, record).yaml.loss.type).toBe('mse');
  });

  it('figures that need probabilities, or more classes', () => {
    const classes = VALUES.replace('values: [width, height]', 'classes: [cat, dog]');
    const asked = (loss: string, gate: string) =>
      problemsOf(`${classes.replace('mse', loss)}expect: ['${gate}']\n`, record);
    expect(asked('mse', 'best_eval_auroc>0.5')).toEqual([
      'expect.0: best_eval_auroc is never known: it is made of probabilities, and mse makes none of the outputs → metrics: eval_accuracy, eval_balanced_accuracy, eval_macro_f1, eval_loss, train_accuracy, train_loss; best_ before one of eval or train is its best of all epochs',
    ]);
    expect(asked('cross_entropy', 'eval_top5_accuracy>0.5')[0]).toContain(
      'expect.0: eval_top5_accuracy is never known: the data have 2 classes to tell',
    );
    expect(asked('bce_with_logits', 'train_auroc>0.5')[0]).toContain(
      '`train_auroc` is never known: auroc is of evaluation alone; take `eval_auroc`',
    );
    const known = load(`${classes.replace('mse', 'bce_with_logits')}expect: [eval_auroc>0.5]\n`, record);
    expect(known.yaml.expect).toEqual(['eval_auroc>0.5']);
  });

  it('real values and a sampler that balances classes', () => {
    expect(problemsOf(`${VALUES}loader: { sampler: balanced }\n`, record)).toEqual([
      'loader.sampler: balanced is for classes, and mine has 2 real values to tell → leave it out, or set it to null',
    ]);
  });

  it('a model with another number of outputs', () => {
    expect(problemsOf(VALUES.replace('out_features: 2', 'out_features: 1'), record)).toEqual([
      'model.0: the last layer gives 1 but the data set has 2 real values to tell → End the model with { type: linear, out_features: 2 }.',
    ]);
  });

  it.each([...['mse', 'l1', 'smooth_l1', 'huber'].map((type) => ['loss', type]), ['monitor', 'eval_r2']])(
    'are kept by %s %s',
    (key, value) => {
      const text =
        key === 'loss' ? VALUES.replace('mse', value!) : `${VALUES}checkpoint: { monitor: ${value} }\n`;
      expect(load(text, record).yaml.name).toBe('config');
    },
  );
});

describe('rules on a table', () => {
  const TABLE = 'Sepal_length,b_2,species\n1,u,0\n2,v,1\n3,u,2\n4,v,0\n5,u,1\n6,v,2\n';
  const config = (dataset: string, loss = 'cross_entropy', outputs = 3) => {
    writeFileSync('t.csv', TABLE);
    return `dataset: { type: csv, path: t.csv, split: { val: 0.5, by: random }, ${dataset} }
model: [{ type: linear, out_features: ${outputs} }]
loss: { type: ${loss} }
optimizer: { type: sgd }
`;
  };

  it('knows the inputs and outputs of the model', () => {
    const { yaml } = load(config('target: species'));
    expect(yaml.dataset).toMatchObject({ path: 't.csv', columns: {}, split: { val: 0.5, seed: 0 } });
    expect(problemsOf(config('target: species', 'cross_entropy', 2))).toEqual([
      'model.0: the last layer gives 2 but the data set has 3 classes → End the model with { type: linear, out_features: 3 }.',
    ]);
    expect(planRun(load(config('target: species'))).model.parameterCount).toBe(12);
  });

  it('keeps names of columns as they are', () => {
    const columns = 'target: species, columns: { Sepal_length: category, b_2: ignore }';
    expect(planRun(load(config(columns))).model.input).toMatchObject({ kind: 'features' });
    expect(
      load(config('target: species'), { overrides: ['dataset.columns.b_2=ignore'] }).yaml.dataset,
    ).toMatchObject({
      columns: { b_2: 'ignore' },
    });
  });

  it.each([
    [
      'target: specis',
      'mse',
      'dataset.target: t.csv has no column `specis` → did you mean `species`? → columns: Sepal_length, b_2, species',
    ],
    [
      'target: species, columns: { B_2: number }',
      'cross_entropy',
      'dataset.columns: t.csv has no column `B_2` → did you mean `b_2`? → columns: Sepal_length, b_2, species',
    ],
    [
      'target: species',
      'mse',
      'dataset.target: t.csv: the target `species` has 3 different whole numbers (0, 1, 2): they may be classes, or numbers → say which: dataset.target: { column: species, type: class }, or dataset.target: { column: species, type: number }',
    ],
    [
      'target: { column: species, type: number }',
      'nll',
      'loss.type: nll is a loss for classes, and the data have 1 real value (species) to tell → set loss.type to one of mse, l1, smooth_l1, huber → or say that it is a class: dataset.target: { column: species, type: class }',
    ],
    [
      'target: species, split: { val: 0.5, stratify: true }',
      'cross_entropy',
      'dataset.split.stratify: split.stratify shares classes out exactly, and split.by hash does not → set split.by to random, or split.stratify to false',
    ],
    [
      'target: species, eval_path: gone.csv',
      'cross_entropy',
      'dataset.eval_path: there is no file gone.csv → relative paths count from the working folder',
    ],
  ])('%s, loss %s', (dataset, loss, expected) => {
    const text = config(dataset, loss).replace(/split: \{ val: 0.5, by: random \}, (?=.*split)/, '');
    expect(problemsOf(text)).toContain(expected);
  });

  it('tells of a file that is not there beside all else that is wrong', () => {
    const text = `${config('target: species').replace('t.csv', 'gone.csv')}epochs: 0\n`;
    expect(problemsOf(text)).toEqual([
      'dataset.path: there is no file gone.csv → relative paths count from the working folder',
      'epochs: expected integer ≥ 1; received 0',
    ]);
  });

  it('asks nothing of the record of a run whose table is another by now', () => {
    const text = config('target: species');
    writeFileSync('t.csv', TABLE.replaceAll('2\n', '1\n'));
    expect(load(text, { isRecord: true }).yaml.dataset.type).toBe('csv');
    expect(problemsOf(text)).toContainEqual(expect.stringContaining('the data set has 2 classes'));
  });

  it('asks nothing of the record of a run whose table is gone', () => {
    const gone = config('target: species').replace('t.csv', 'gone.csv');
    expect(load(gone, { isRecord: true }).yaml.dataset.type).toBe('csv');
    expect(() => planRun(load(gone, { isRecord: true }), false)).toThrow('there is no file gone.csv');
  });

  it('points at the place of what a shell would have made of ~', () => {
    expect(problemsOf(config('target: species').replace('t.csv', '~/t.csv'))[0]).toMatch(/^dataset\.path: /);
  });
});

describe('rules on a text', () => {
  const TEXT = `dataset: { type: text, size: 2000 }
model: [{ type: embedding, num_embeddings: 19, embedding_dim: 2 }, { type: gru, hidden_size: 2 }, { type: linear, out_features: 19 }]
optimizer: { type: rmsprop }
`;

  it.each([
    [
      'checkpoint: { monitor: eval_macro_f1 }',
      'checkpoint.monitor: eval_macro_f1 is never known: the data have the next of a text to tell → choose one of eval_loss, eval_accuracy, eval_perplexity, eval_bits_per_char, train_loss',
    ],
    [
      'loss: { type: mse }\nexpect: [eval_perplexity<=3]',
      'expect.0: eval_perplexity is never known: it is made of probabilities, and mse makes none of the outputs → metrics: eval_accuracy, eval_loss, train_accuracy, train_loss, test_accuracy, test_loss; best_ before one of eval or train is its best of all epochs',
    ],
    [
      'transforms: { random_flip: {} }',
      'transforms.random_flip: random_flip is for images, and text has tokens → leave it out, or set it to null',
    ],
    [
      'dataset.path=~/book.txt',
      'dataset.path: ~/book.txt would be a folder with the name ~: only a shell knows what it stands for → write the path in full',
    ],
  ])('%s', (added, expected) => {
    const yaml = added.startsWith('dataset.path')
      ? TEXT.replace('size: 2000', 'path: ~/book.txt')
      : `${TEXT}${added}\n`;
    expect(problemsOf(yaml)).toContain(expected);
  });

  it('that fits has none, whatever its metrics are monitored', () => {
    for (const monitor of ['eval_perplexity', 'eval_bits_per_char', 'eval_accuracy']) {
      const { yaml } = load(`${TEXT}checkpoint: { monitor: ${monitor} }\n`);
      expect(planRun(load(`${TEXT}checkpoint: { monitor: ${monitor} }\n`)).spec.target).toMatchObject({
        of: 'token',
      });
      expect(yaml.checkpoint.monitor).toBe(monitor);
    }
  });
});

describe('rules on arrays', () => {
  const config = (more: string, loss = 'cross_entropy') => {
    writeFileSync('x.npy', npy(Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8), [4, 2]));
    writeFileSync('whole.npy', npy(Uint8Array.of(0, 1, 1, 0)));
    writeFileSync('real.npy', npy(Float32Array.of(0.5, 1, 1, 0)));
    return `dataset: { type: arrays, inputs: x.npy, ${more}, split: { by: random, val: 0.3, test: 0 } }
model: [{ type: linear, out_features: 2 }]
loss: { type: ${loss} }
optimizer: { type: sgd }
`;
  };

  it.each([
    [
      'targets: real.npy',
      'cross_entropy',
      'loss.type: cross_entropy is a loss for classes, and the data have 1 real value (real) to tell → set loss.type to one of mse, l1, smooth_l1, huber → or say that they are classes: dataset.target_type: class',
    ],
    [
      'targets: whole.npy',
      'mse',
      'dataset: whole.npy (uint8) has 2 different whole numbers (0, 1): they may be classes, or numbers → say which: target_type: class, or target_type: number',
    ],
    [
      'targets: whole.npy, test: { inputs: x.npy, targets: gone.npy }',
      'cross_entropy',
      'dataset.test.targets: there is no file gone.npy → relative paths count from the working folder',
    ],
  ])('%s, loss %s', (more, loss, expected) => {
    expect(problemsOf(config(more, loss))).toContain(expected);
  });

  it('say nothing of what fits', () => {
    expect(load(config('targets: whole.npy')).yaml.dataset.type).toBe('arrays');
  });
});
