/** A training that ends in a moment. Together they have everything that makes resuming hard. */
export interface Scenario {
  readonly name: string;
  readonly yaml: string;
}

const SMALL = `seed: 5
dataset: { type: shapes, train_size: 60, eval_size: 20 }
log_every: 1
`;

/** The same with samples that are left for the end. */
const WITH_TEST = SMALL.replace('train_size: 60', 'train_size: 75, split: { val: 0.2, by: random }');

/** Trainings for the trials. */
export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'plain',
    yaml: `epochs: 3
${SMALL}loader: { batch_size: 8 }
model:
  - { type: conv2d, out_channels: 4, kernel_size: 3, stride: 2 }
  - { type: relu }
  - { type: flatten }
  - { type: linear, out_features: 10 }
optimizer: { type: sgd, lr: 0.01, momentum: 0.9 }
`,
  },
  {
    name: 'norm',
    yaml: `epochs: 3
${SMALL}loader: { batch_size: 8 }
transforms:
  random_crop: { padding: 2 }
  random_flip: { p: 0.5 }
  normalize: { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] }
checkpoint: { every_steps: 1 }
model:
  - { type: conv2d, out_channels: 4, kernel_size: 3, padding: 1 }
  - { type: batch_norm2d }
  - { type: relu }
  - { type: max_pool2d, kernel_size: 4 }
  - { type: dropout, p: 0.2 }
  - { type: flatten }
  - { type: linear, out_features: 10 }
optimizer: { type: adam, lr: 0.003, amsgrad: true }
schedule: { type: cosine, interval: step, warmup: { duration: 3 } }
`,
  },
  {
    name: 'accumulate',
    yaml: `epochs: 4
${WITH_TEST}loader: { batch_size: 4 }
accumulate: 3
evaluation: { batch_size: 7 }
checkpoint: { every_steps: 3, monitor: eval_accuracy }
model:
  - { type: avg_pool2d, kernel_size: 4 }
  - { type: flatten }
  - { type: linear, out_features: 12 }
  - { type: gelu }
  - { type: linear, out_features: 10 }
optimizer: { type: adamw, lr: 0.01 }
schedule: { type: reduce_on_plateau, patience: 0, factor: 0.5 }
clip_grad_norm: 1
`,
  },
  {
    name: 'eager',
    yaml: `epochs: 3
engine: eager
${SMALL}loader: { batch_size: 10 }
checkpoint: { every_steps: 4 }
model:
  - { type: avg_pool2d, kernel_size: 4 }
  - type: residual
    layers:
      - { type: conv2d, out_channels: 3, kernel_size: 3, padding: 1 }
      - { type: batch_norm2d }
  - { type: flatten }
  - { type: dropout, p: 0.3 }
  - { type: linear, out_features: 10 }
optimizer: { type: rmsprop, lr: 0.001, momentum: 0.9, centered: true }
schedule: { type: one_cycle, max_lr: 0.01 }
`,
  },
  {
    name: 'gru',
    yaml: `epochs: 2
${SMALL}loader: { batch_size: 8 }
model:
  - { type: avg_pool2d, kernel_size: 8 }
  - { type: flatten, end_dim: 2 }
  - { type: gru, hidden_size: 6 }
  - { type: layer_norm }
  - { type: linear, out_features: 10 }
optimizer: { type: nadam, lr: 0.01 }
evaluation: { every: 2 }
clip_grad_value: 0.5
`,
  },
  {
    name: 'diverges',
    yaml: `epochs: 3
${SMALL}loader: { batch_size: 8 }
checkpoint: { every_steps: 2 }
model:
  - { type: avg_pool2d, kernel_size: 4 }
  - { type: flatten }
  - { type: linear, out_features: 10 }
optimizer: { type: sgd, lr: 3 }
loss: { type: mse }
`,
  },
];
