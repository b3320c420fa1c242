import { z } from 'zod';
import { decayRate, layerSelectors, nonNegative } from './fields.js';

const lr = (value: number) => nonNegative.default(value).describe('Learning rate: the size of a step.');
const weightDecay = (value: number) =>
  nonNegative.default(value).describe('Pull of the weights towards zero.');
const betas = z
  .tuple([decayRate, decayRate])
  .default([0.9, 0.999])
  .describe('Decay rates of the running averages of the gradient and of its square.');
const eps = (value = 1e-8) =>
  nonNegative.default(value).describe('Added to the denominator, outside the root.');
const amsgrad = z.boolean().default(false).describe('Divide by the largest running average so far.');
const maximize = z.boolean().default(false).describe('Make the loss larger instead of smaller.');
const decoupledWeightDecay = z
  .boolean()
  .default(false)
  .describe('Shrink the weights themselves, as adamw does, instead of adding to the gradient.');

/** An option as a group has it: left out, it is the optimizer's. */
type InGroup<S extends z.ZodRawShape> = {
  [K in keyof S]: S[K] extends z.ZodDefault<infer T extends z.core.SomeType> ? z.ZodOptional<T> : never;
};

/** What groups, and which parameters have weight decay, are said of every optimizer. */
function grouping<S extends z.ZodRawShape>(options: S) {
  const own = Object.entries(options).map(([key, option]) => {
    const { description = '' } = z.globalRegistry.get(option as z.ZodType) ?? {};
    return [key, (option as z.ZodDefault<z.ZodType>).unwrap().optional().describe(description)];
  });
  const group = z
    .strictObject({
      layers: layerSelectors.min(1).optional().describe('Layers whose parameters it has, such as [0-3, 5].'),
      parameters: z
        .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
        .optional()
        .describe('Names of its parameters, with * for any characters, such as "*.bias".'),
      max_lr: nonNegative.optional().describe('Its schedule.max_lr, where the schedule is one_cycle.'),
      ...(Object.fromEntries(own) as InGroup<S>),
    })
    .describe('Parameters with options of their own; what is left out is as in the optimizer.');
  return {
    weight_decay_on: z
      .enum(['all', 'weights'])
      .default('all')
      .describe('weights: biases, and the parameters of norms, have no weight decay.'),
    groups: z
      .array(group)
      .default([])
      .describe("PyTorch's parameter groups; the rest has the options above."),
  };
}

const sgdOptions = {
  lr: lr(1e-3),
  momentum: nonNegative.default(0).describe('Share of the last step that is kept; 0.9 is usual.'),
  dampening: z.number().default(0).describe('Share of the gradient left out of the momentum buffer.'),
  weight_decay: weightDecay(0),
  nesterov: z.boolean().default(false).describe('Look ahead along the momentum.'),
  maximize,
};
const sgd = z
  .strictObject({ type: z.literal('sgd'), ...sgdOptions, ...grouping(sgdOptions) })
  .refine((block) => !block.nesterov || (block.momentum > 0 && block.dampening === 0), {
    path: ['nesterov'],
    error: 'nesterov needs momentum above 0 and dampening 0',
  })
  .describe('Stochastic gradient descent (torch.optim.SGD).');

const adamOptions = {
  lr: lr(1e-3),
  betas,
  eps: eps(),
  weight_decay: weightDecay(0),
  amsgrad,
  maximize,
  decoupled_weight_decay: decoupledWeightDecay,
};
const adam = z
  .strictObject({ type: z.literal('adam'), ...adamOptions, ...grouping(adamOptions) })
  .describe('Adam, with weight decay added to the gradient (torch.optim.Adam).');

const adamwOptions = {
  lr: lr(1e-3),
  betas,
  eps: eps(),
  weight_decay: weightDecay(1e-2),
  amsgrad,
  maximize,
};
const adamw = z
  .strictObject({ type: z.literal('adamw'), ...adamwOptions, ...grouping(adamwOptions) })
  .describe('Adam with decoupled weight decay (torch.optim.AdamW).');

const nadamOptions = {
  lr: lr(2e-3),
  betas,
  eps: eps(),
  weight_decay: weightDecay(0),
  momentum_decay: nonNegative
    .default(4e-3)
    .describe('How quickly the momentum rises from half of the first beta.'),
  decoupled_weight_decay: decoupledWeightDecay,
  maximize,
};
const nadam = z
  .strictObject({ type: z.literal('nadam'), ...nadamOptions, ...grouping(nadamOptions) })
  .describe("Adam with Nesterov's momentum (torch.optim.NAdam).");

const rmspropOptions = {
  lr: lr(1e-2),
  alpha: decayRate.default(0.99).describe('Decay rate of the running average of the squared gradient.'),
  eps: eps(),
  weight_decay: weightDecay(0),
  momentum: nonNegative.default(0).describe('Share of the last step that is kept.'),
  centered: z.boolean().default(false).describe('Divide by the standard deviation of the gradient.'),
  maximize,
};
const rmsprop = z
  .strictObject({ type: z.literal('rmsprop'), ...rmspropOptions, ...grouping(rmspropOptions) })
  .describe('RMSprop (torch.optim.RMSprop).');

const adagradOptions = {
  lr: lr(1e-2),
  lr_decay: nonNegative.default(0).describe('Divides lr by 1 + this times the steps made so far.'),
  weight_decay: weightDecay(0),
  initial_accumulator_value: nonNegative
    .default(0)
    .describe('What the sum of the squared gradients begins with.'),
  eps: eps(1e-10),
  maximize,
};
const adagrad = z
  .strictObject({ type: z.literal('adagrad'), ...adagradOptions, ...grouping(adagradOptions) })
  .describe('Steps that shrink with the sum of all squared gradients (torch.optim.Adagrad).');

const adadeltaOptions = {
  lr: lr(1),
  rho: decayRate
    .default(0.9)
    .describe('Decay rate of the running averages of the squared gradient and of the squared step.'),
  eps: nonNegative.default(1e-6).describe('Added to both running averages, inside their roots.'),
  weight_decay: weightDecay(0),
  maximize,
};
const adadelta = z
  .strictObject({ type: z.literal('adadelta'), ...adadeltaOptions, ...grouping(adadeltaOptions) })
  .describe('Steps sized by the steps before them (torch.optim.Adadelta).');

const adamaxOptions = {
  lr: lr(2e-3),
  betas: betas.describe('Decay rates of the running average of the gradient and of its largest recent size.'),
  eps: nonNegative.default(1e-8).describe('Added to the size of each gradient.'),
  weight_decay: weightDecay(0),
  maximize,
};
const adamax = z
  .strictObject({ type: z.literal('adamax'), ...adamaxOptions, ...grouping(adamaxOptions) })
  .describe('Adam that divides by the largest recent gradient (torch.optim.Adamax).');

export const optimizerSchema = z
  .discriminatedUnion('type', [sgd, adam, adamw, nadam, rmsprop, adagrad, adadelta, adamax])
  .describe('How parameters are updated from their gradients.');
