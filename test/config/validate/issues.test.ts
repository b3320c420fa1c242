import { describe, expect, it } from 'vitest';
import { inTemporaryFolder, MINIMAL, problemsOf } from '../helpers.js';

inTemporaryFolder();

/** One row: what is added to the minimal configuration, and the only problem that it makes. */
describe('what is wrong with a value', () => {
  it.each([
    // Numbers.
    ['epochs: 0', 'epochs: expected integer ≥ 1; received 0'],
    ['epochs: 1.5', 'epochs: expected integer ≥ 1; received 1.5'],
    ['epochs: many', 'epochs: expected integer ≥ 1; received text "many"'],
    ['epochs: true', 'epochs: expected integer ≥ 1; received true'],
    ['epochs: [1, 2]', 'epochs: expected integer ≥ 1; received the list [1, 2]'],
    ['epochs: { a: 1 }', 'epochs: expected integer ≥ 1; received a block'],
    [
      'epochs:',
      'epochs: expected integer ≥ 1; received nothing (null) → write a value behind the colon, or leave the key out: its default is 20',
    ],
    ['epochs: "20"', 'epochs: expected integer ≥ 1; received text "20" → remove the quotes: 20'],
    ['epochs: 1_000', 'epochs: expected integer ≥ 1; received text "1_000" → write 1000, without separators'],
    ['epochs: 1,000', 'epochs: expected integer ≥ 1; received text "1,000" → write 1000, without separators'],
    [
      'epochs: 20#twenty',
      'epochs: expected integer ≥ 1; received text "20#twenty" → put a space in front of # to begin a comment',
    ],
    [
      'seed: 12345678901234567890',
      'seed: expected integer ≥ 0; received 12345678901234567000 → integers go up to 9007199254740991',
    ],
    ['clip_grad_norm: 0', 'clip_grad_norm: expected number > 0, or null; received 0'],
    [
      'clip_grad_norm: .nan',
      'clip_grad_norm: expected number > 0, or null; received .nan, which is not a number',
    ],
    [
      'clip_grad_norm: -.inf',
      'clip_grad_norm: expected number > 0, or null; received -.inf, which is not finite',
    ],
    [
      'clip_grad_norm: 0,5',
      'clip_grad_norm: expected number > 0, or null; received text "0,5" → write 0.5, with a decimal point',
    ],
    [
      'clip_grad_norm: 1e',
      'clip_grad_norm: expected number > 0, or null; received text "1e" → the exponent lacks its digits: for example 1e3',
    ],
    [
      'clip_grad_norm: 1e-',
      'clip_grad_norm: expected number > 0, or null; received text "1e-" → the exponent lacks its digits: for example 1e-3',
    ],
    [
      'clip_grad_norm: 10^-3',
      'clip_grad_norm: expected number > 0, or null; received text "10^-3" → write it like 1e-3',
    ],
    ['clip_grad_norm: 50%', 'clip_grad_norm: expected number > 0, or null; received text "50%" → write 0.5'],
    [
      'clip_grad_norm: 1/8',
      'clip_grad_norm: expected number > 0, or null; received text "1/8" → YAML does not calculate: write 0.125',
    ],
    // What looks like a calculation, and has no result.
    ...['../..', '1/0', '..%'].map((text) => [
      `clip_grad_norm: ${text}`,
      `clip_grad_norm: expected number > 0, or null; received text "${text}"`,
    ]),
    [
      'clip_grad_norm: none',
      'clip_grad_norm: expected number > 0, or null; received text "none" → write null to switch it off',
    ],
    [
      'clip_grad_norm: false',
      'clip_grad_norm: expected number > 0, or null; received false → write null to switch it off',
    ],
    [
      'transforms: { random_flip: { p: 1.5 } }',
      'transforms.random_flip.p: expected number from 0 to 1; received 1.5',
    ],
    // Booleans.
    ['tensorboard: yes', 'tensorboard: expected true or false; received text "yes" → write true'],
    ['tensorboard: Off', 'tensorboard: expected true or false; received text "Off" → write false'],
    ['tensorboard: 1', 'tensorboard: expected true or false; received 1 → write true'],
    ['tensorboard: "true"', 'tensorboard: expected true or false; received text "true" → write true'],
    // Text.
    ['runs_dir: ""', 'runs_dir: expected text that is not empty; received empty text'],
    [
      'runs_dir: 2024',
      'runs_dir: expected text that is not empty; received 2024 → put it in quotes to make it text: "2024"',
    ],
    [
      'runs_dir: 1e3',
      'runs_dir: expected text that is not empty; received 1000 → put it in quotes to make it text: "1e3"',
    ],
    [
      'name: a b',
      'name: expected letters, digits, dot, dash and underscore, starting with a letter or digit; received text "a b"',
    ],
    // Choices.
    [
      'checkpoint: { monitor: eval_los }',
      'checkpoint.monitor: expected one of eval_loss, eval_accuracy, eval_top5_accuracy, eval_balanced_accuracy, eval_macro_f1, eval_auroc, eval_log_loss, eval_ece, eval_perplexity, eval_bits_per_char, eval_rmse, eval_mae, eval_r2, train_loss; received text "eval_los" → did you mean `eval_loss`?',
    ],
    [
      'checkpoint: { monitor: 3 }',
      'checkpoint.monitor: expected one of eval_loss, eval_accuracy, eval_top5_accuracy, eval_balanced_accuracy, eval_macro_f1, eval_auroc, eval_log_loss, eval_ece, eval_perplexity, eval_bits_per_char, eval_rmse, eval_mae, eval_r2, train_loss; received 3',
    ],
    ['engine: grpah', 'engine: expected one of graph, eager; received text "grpah" → did you mean `graph`?'],
    // Blocks.
    ['loader: 3', 'loader: expected a block with keys such as batch_size, shuffle and drop_last; received 3'],
    [
      'loader:',
      'loader: expected a block with keys such as batch_size, shuffle and drop_last; received nothing (null) → write its keys below it, indented, or leave it out',
    ],
    [
      'schedule: cosine',
      'schedule: expected a block with `type`: one of constant, step, multi_step, exponential, cosine, cosine_restarts, linear, polynomial, one_cycle, reduce_on_plateau; received text "cosine" → write it as a block: { type: cosine }',
    ],
    [
      'schedule: { t_max: 3 }',
      'schedule.type: the key `type` is missing; expected one of constant, step, multi_step, exponential, cosine, cosine_restarts, linear, polynomial, one_cycle, reduce_on_plateau',
    ],
    ['schedule: { type: step }', 'schedule.step_size: the key `step_size` is missing; expected integer ≥ 1'],
    [
      'schedule: { type: [step] }',
      'schedule.type: expected one of constant, step, multi_step, exponential, cosine, cosine_restarts, linear, polynomial, one_cycle, reduce_on_plateau; received the list ["step"]',
    ],
    [
      'transforms: { random_flip: true }',
      'transforms.random_flip: expected a block with the key p, or null; received true → write {} for its defaults',
    ],
    [
      'transforms: { random_crop: true }',
      'transforms.random_crop: expected a block with the key padding, or null; received true → write a block: { padding: <integer ≥ 1> }',
    ],
    [
      'transforms: { random_crop: {} }',
      'transforms.random_crop.padding: the key `padding` is missing; expected integer ≥ 1',
    ],
    // Unknown keys.
    ['learningRate: 1', 'learningRate: unknown key `learningRate` → did you mean `optimizer.lr`?'],
    ['loader: { batchSize: 1 }', 'loader.batchSize: unknown key `batchSize` → did you mean `batch_size`?'],
    ['loader: { bacth: 1 }', 'loader.bacth: unknown key `bacth` → did you mean `batch_size`?'],
    [
      'loader: { batch_size:1 }',
      'loader.batch_size:1: unknown key `batch_size:1` → a space is missing after the colon: write `batch_size: 1`',
    ],
    ['loader: { quux: 1 }', 'loader.quux: unknown key `quux`'],
    [
      'schedule: { type: step, step_size: 1, eta_min: 1 }',
      'schedule.eta_min: unknown key `eta_min` → `eta_min` is a key of type cosine, cosine_restarts',
    ],
    ['? ""\n: 1', ': unknown key ``'],
  ])('%s', (added, expected) => {
    expect(problemsOf(`${MINIMAL}${added}\n`)).toEqual([expected]);
  });
});
