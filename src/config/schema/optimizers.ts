import { z } from 'zod';
import { decayRate, nonNegative } from './fields.js';

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

const sgd = z
  .strictObject({
    type: z.literal('sgd'),
    lr: lr(1e-3),
    momentum: nonNegative.default(0).describe('Share of the last step that is kept; 0.9 is usual.'),
    dampening: z.number().default(0).describe('Share of the gradient left out of the momentum buffer.'),
    weight_decay: weightDecay(0),
    nesterov: z.boolean().default(false).describe('Look ahead along the momentum.'),
    maximize,
  })
  .refine((block) => !block.nesterov || (block.momentum > 0 && block.dampening === 0), {
    path: ['nesterov'],
    error: 'nesterov needs momentum above 0 and dampening 0',
  })
  .describe('Stochastic gradient descent (torch.optim.SGD).');

const adam = z
  .strictObject({
    type: z.literal('adam'),
    lr: lr(1e-3),
    betas,
    eps: eps(),
    weight_decay: weightDecay(0),
    amsgrad,
    maximize,
    decoupled_weight_decay: decoupledWeightDecay,
  })
  .describe('Adam, with weight decay added to the gradient (torch.optim.Adam).');

const adamw = z
  .strictObject({
    type: z.literal('adamw'),
    lr: lr(1e-3),
    betas,
    eps: eps(),
    weight_decay: weightDecay(1e-2),
    amsgrad,
    maximize,
  })
  .describe('Adam with decoupled weight decay (torch.optim.AdamW).');

const nadam = z
  .strictObject({
    type: z.literal('nadam'),
    lr: lr(2e-3),
    betas,
    eps: eps(),
    weight_decay: weightDecay(0),
    momentum_decay: nonNegative
      .default(4e-3)
      .describe('How quickly the momentum rises from half of the first beta.'),
    decoupled_weight_decay: decoupledWeightDecay,
    maximize,
  })
  .describe("Adam with Nesterov's momentum (torch.optim.NAdam).");

const rmsprop = z
  .strictObject({
    type: z.literal('rmsprop'),
    lr: lr(1e-2),
    alpha: decayRate.default(0.99).describe('Decay rate of the running average of the squared gradient.'),
    eps: eps(),
    weight_decay: weightDecay(0),
    momentum: nonNegative.default(0).describe('Share of the last step that is kept.'),
    centered: z.boolean().default(false).describe('Divide by the standard deviation of the gradient.'),
    maximize,
  })
  .describe('RMSprop (torch.optim.RMSprop).');

const adagrad = z
  .strictObject({
    type: z.literal('adagrad'),
    lr: lr(1e-2),
    lr_decay: nonNegative.default(0).describe('Divides lr by 1 + this times the steps made so far.'),
    weight_decay: weightDecay(0),
    initial_accumulator_value: nonNegative
      .default(0)
      .describe('What the sum of the squared gradients begins with.'),
    eps: eps(1e-10),
    maximize,
  })
  .describe('Steps that shrink with the sum of all squared gradients (torch.optim.Adagrad).');

const adadelta = z
  .strictObject({
    type: z.literal('adadelta'),
    lr: lr(1),
    rho: decayRate
      .default(0.9)
      .describe('Decay rate of the running averages of the squared gradient and of the squared step.'),
    eps: nonNegative.default(1e-6).describe('Added to both running averages, inside their roots.'),
    weight_decay: weightDecay(0),
    maximize,
  })
  .describe('Steps sized by the steps before them (torch.optim.Adadelta).');

const adamax = z
  .strictObject({
    type: z.literal('adamax'),
    lr: lr(2e-3),
    betas: betas.describe(
      'Decay rates of the running average of the gradient and of its largest recent size.',
    ),
    eps: nonNegative.default(1e-8).describe('Added to the size of each gradient.'),
    weight_decay: weightDecay(0),
    maximize,
  })
  .describe('Adam that divides by the largest recent gradient (torch.optim.Adamax).');

export const optimizerSchema = z
  .discriminatedUnion('type', [sgd, adam, adamw, nadam, rmsprop, adagrad, adadelta, adamax])
  .describe('How parameters are updated from their gradients.');
