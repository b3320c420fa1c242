import { z } from 'zod';
import { decayRate, nonNegative } from './fields.js';

const lr = (value: number) => nonNegative.default(value).describe('Learning rate: the size of a step.');
const weightDecay = (value: number) =>
  nonNegative.default(value).describe('Pull of the weights towards zero.');
const betas = z
  .tuple([decayRate, decayRate])
  .default([0.9, 0.999])
  .describe('Decay rates of the running averages of the gradient and of its square.');
const eps = nonNegative.default(1e-8).describe('Added to the denominator, outside the root.');
const amsgrad = z.boolean().default(false).describe('Divide by the largest running average so far.');

const sgd = z
  .strictObject({
    type: z.literal('sgd'),
    lr: lr(1e-3),
    momentum: nonNegative.default(0).describe('Share of the last step that is kept; 0.9 is usual.'),
    dampening: z.number().default(0).describe('Share of the gradient left out of the momentum buffer.'),
    weight_decay: weightDecay(0),
    nesterov: z.boolean().default(false).describe('Look ahead along the momentum.'),
  })
  .refine((block) => !block.nesterov || (block.momentum > 0 && block.dampening === 0), {
    path: ['nesterov'],
    error: 'nesterov needs momentum above 0 and dampening 0',
  })
  .describe('Stochastic gradient descent (torch.optim.SGD).');

const adam = z
  .strictObject({ type: z.literal('adam'), lr: lr(1e-3), betas, eps, weight_decay: weightDecay(0), amsgrad })
  .describe('Adam, with weight decay added to the gradient (torch.optim.Adam).');

const adamw = z
  .strictObject({
    type: z.literal('adamw'),
    lr: lr(1e-3),
    betas,
    eps,
    weight_decay: weightDecay(1e-2),
    amsgrad,
  })
  .describe('Adam with decoupled weight decay (torch.optim.AdamW).');

const rmsprop = z
  .strictObject({
    type: z.literal('rmsprop'),
    lr: lr(1e-2),
    alpha: decayRate.default(0.99).describe('Decay rate of the running average of the squared gradient.'),
    eps,
    weight_decay: weightDecay(0),
    momentum: nonNegative.default(0).describe('Share of the last step that is kept.'),
    centered: z.boolean().default(false).describe('Divide by the standard deviation of the gradient.'),
  })
  .describe('RMSprop (torch.optim.RMSprop).');

export const optimizerSchema = z
  .discriminatedUnion('type', [sgd, adam, adamw, rmsprop])
  .describe('How parameters are updated from their gradients.');
