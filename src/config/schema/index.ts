import { z } from 'zod';
import { MOST_THREADS } from '../../train/backend/environment.js';
import { MONITORS } from '../../train/task/index.js';
import { isGate, parseGate } from '../expect.js';
import { datasetSchema } from './dataset/index.js';
import { layerSelectors, nonNegative, nonNegativeInt, optional, positive, positiveInt } from './fields.js';
import { initialBias, initialWeight } from './initializers.js';
import { modelSchema } from './layers.js';
import { loaderSchema, transformsSchema } from './loader.js';
import { lossSchema } from './losses.js';
import { optimizerSchema } from './optimizers.js';
import { parallelSchema } from './parallel.js';
import { scheduleSchema } from './schedules.js';

const init = z
  .strictObject({
    from: optional(z.string().min(1)).describe(
      'A safetensors file with the names and layouts of PyTorch, or the folder of a run: its best epoch.',
    ),
    strict: z
      .boolean()
      .default(true)
      .describe('All of it must fit the model; false: take what fits, and say what does not.'),
    weight: initialWeight.describe(
      "First values of the weights of conv2d, linear, gru and lstm layers that name none. Default: PyTorch's.",
    ),
    bias: initialBias.describe(
      "First values of the biases of conv2d, linear, gru and lstm layers that name none. Default: PyTorch's.",
    ),
  })
  .refine(
    ({ from, strict, weight, bias }) => from === null || !strict || (weight === null && bias === null),
    {
      path: ['from'],
      error: 'from gives every value: it cannot stand beside weight or bias, unless strict is false',
    },
  )
  .refine(({ from, strict }) => from !== null || strict, {
    path: ['strict'],
    error: 'strict: false is about what from names, and there is no from',
  })
  .describe("Where the first weights come from. Default: PyTorch's own initialisation.");

const evaluation = z
  .strictObject({
    every: nonNegativeInt.default(1).describe('Evaluate every so many epochs, and after the last; 0: never.'),
    batch_size: positiveInt.default(256).describe('Samples per evaluation batch.'),
    limit: optional(positiveInt).describe('Evaluate on the first so many samples only.'),
  })
  .describe('How the model is judged on the evaluation split.');

const checkpoint = z
  .strictObject({
    every_steps: optional(positiveInt).describe('Save within an epoch too, every so many optimizer steps.'),
    monitor: z.enum(MONITORS).default('eval_loss').describe('The figure that decides which epoch is best.'),
  })
  .describe('When the run is saved. It always is after each epoch and when interrupted.');

const earlyStopping = z
  .strictObject({
    patience: positiveInt
      .default(3)
      .describe('Evaluations in a row that are no better, after which the run ends.'),
    min_delta: nonNegative.default(0).describe('By how much a figure must be better to count as better.'),
    monitor: optional(z.enum(MONITORS)).describe('The figure. Default: that of checkpoint.monitor.'),
    restore_best: z
      .boolean()
      .default(false)
      .describe('Give last.safetensors the weights of the best epoch in the end.'),
  })
  .describe('Ends the run when its figure has ceased to become better.');

const threads = z.union([
  z.literal('auto'),
  z.strictObject({
    intra: positiveInt.max(MOST_THREADS).describe('Threads within an operation.'),
    inter: positiveInt.max(MOST_THREADS).describe('Operations side by side.'),
  }),
]);

/** The run's own figures: only a comparison has variants to name. */
const gate = z.string().superRefine((text, context) => {
  const parsed = parseGate(text);
  if (!isGate(parsed))
    context.addIssue({ code: 'custom', message: [parsed.message, ...parsed.help].join('; ') });
  else if (parsed.variant !== null) {
    const message = `\`${parsed.variant}\` would be a variant of a comparison; here the run itself is meant: write ${text.slice(text.indexOf(parsed.metric))}`;
    context.addIssue({ code: 'custom', message });
  }
});

const NAME_FORM = 'letters, digits, dot, dash and underscore, starting with a letter or digit';

/** A whole configuration file. Keys are snake_case; `naming.ts` maps them to TypeScript's camelCase. */
export const configSchema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, NAME_FORM)
      .meta({
        title: NAME_FORM,
        description: "Name of the run and of its folder. Default: the file's name.",
      }),
    runs_dir: z.string().min(1).default('runs').describe('Folder that holds a folder for each run.'),
    seed: nonNegativeInt
      .default(0)
      .describe('Seed of all randomness: weights, order, augmentation, dropout.'),
    epochs: positiveInt.default(20).describe('Passes over the training samples.'),
    engine: z
      .enum(['graph', 'eager'])
      .default('graph')
      .describe('graph: compile a step to a TensorFlow graph; eager: run it op by op.'),
    parallel: optional(parallelSchema),
    threads: threads.default('auto').describe("TensorFlow's threads; auto: chosen from the work per step."),
    dataset: datasetSchema,
    loader: loaderSchema.prefault({}),
    transforms: transformsSchema.prefault({}),
    model: modelSchema,
    init: optional(init),
    freeze: layerSelectors
      .default([])
      .describe("Layers that are not trained, such as [0, 3] or [0-4]: PyTorch's requires_grad = False."),
    frozen_mode: z
      .enum(['train', 'eval'])
      .default('train')
      .describe(
        'train: batch norm and dropout in frozen layers go on as in training; eval: as after module.eval().',
      ),
    loss: lossSchema.prefault({ type: 'cross_entropy' }),
    optimizer: optimizerSchema,
    schedule: scheduleSchema.prefault({ type: 'constant' }),
    clip_grad_norm: optional(positive).describe('Scale gradients down to this total norm before each step.'),
    clip_grad_value: optional(positive).describe(
      'Cut each number of a gradient to within ± this before each step.',
    ),
    accumulate: positiveInt.default(1).describe('Batches whose gradients are added up before a step.'),
    evaluation: evaluation.prefault({}),
    checkpoint: checkpoint.prefault({}),
    early_stopping: optional(earlyStopping),
    max_time: optional(positive).describe(
      'Seconds of training and evaluation, over all resumes, after which the run ends, saved.',
    ),
    log_every: positiveInt
      .default(10)
      .describe('Write a record to metrics.jsonl every so many optimizer steps.'),
    expect: z
      .array(gate)
      .default([])
      .describe('What the figures must be at the end, such as eval_accuracy>=0.6; else the exit code is 4.'),
    tensorboard: z.boolean().default(false).describe('Write TensorBoard event files into the run folder.'),
  })
  .describe('lossnet training configuration');

/** A validated configuration, as written in YAML: every default filled in, keys in snake_case. */
export type ConfigYaml = z.output<typeof configSchema>;

type Written = z.input<typeof configSchema>;

/** The same as it is written: what has a default may be left out, and the data set where a program gives the data. */
export type ConfigInput = Omit<Written, 'name' | 'dataset'> & Partial<Pick<Written, 'name' | 'dataset'>>;
