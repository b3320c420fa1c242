import { z } from 'zod';
import { nonNegative, optional, positive, probability } from './fields.js';

const reduction = z
  .enum(['mean', 'sum'])
  .default('mean')
  .describe('What becomes of the losses of a batch: their mean, or their sum, which grows with the batch.');
const weights = optional(z.array(nonNegative).min(1));
const classWeight = optional(z.union([z.literal('balanced'), z.array(nonNegative).min(1)])).describe(
  "One number for each class: how much its samples count. The mean divides by the samples' weights. balanced: every class alike, n / (classes * count) from the training part.",
);
const ignoreIndex = z.int().default(-100).describe('Class whose samples do not count; -100: none.');

const crossEntropy = z
  .strictObject({
    type: z.literal('cross_entropy'),
    weight: classWeight,
    ignore_index: ignoreIndex,
    label_smoothing: probability.default(0).describe('Share of the target that is spread over all classes.'),
    reduction,
  })
  .describe('Cross entropy of raw logits against class indices (torch.nn.CrossEntropyLoss).');

const nll = z
  .strictObject({ type: z.literal('nll'), weight: classWeight, ignore_index: ignoreIndex, reduction })
  .describe(
    'Negative log likelihood of log-probabilities, after a log_softmax layer, against class indices (torch.nn.NLLLoss).',
  );

const mse = z
  .strictObject({ type: z.literal('mse'), reduction })
  .describe('Squared error of the outputs against values, or one-hot classes (torch.nn.MSELoss).');

const l1 = z
  .strictObject({ type: z.literal('l1'), reduction })
  .describe('Absolute error of the outputs against values, or one-hot classes (torch.nn.L1Loss).');

const smoothL1 = z
  .strictObject({
    type: z.literal('smooth_l1'),
    beta: nonNegative.default(1).describe('Error at which the square becomes a line; 0: never a square.'),
    reduction,
  })
  .describe('l1 with a square around 0, against values, or one-hot classes (torch.nn.SmoothL1Loss).');

const huber = z
  .strictObject({
    type: z.literal('huber'),
    delta: positive.default(1).describe('Error at which the square becomes a line.'),
    reduction,
  })
  .describe(
    'Half the squared error, a line where it is large, against values, or one-hot classes (torch.nn.HuberLoss).',
  );

const bceWithLogits = z
  .strictObject({
    type: z.literal('bce_with_logits'),
    weight: weights.describe("One number for each class: factor on the loss of that class's output."),
    pos_weight: weights.describe('One number for each class: factor on the loss where it is the right one.'),
    reduction,
  })
  .describe(
    'Sigmoid and binary cross entropy per class, against one-hot targets (torch.nn.BCEWithLogitsLoss).',
  );

const klDiv = z
  .strictObject({
    type: z.literal('kl_div'),
    reduction: z
      .enum(['mean', 'batchmean', 'sum'])
      .default('mean')
      .describe('mean: over samples and classes; batchmean: over samples, the divergence proper; sum.'),
  })
  .describe(
    'Kullback-Leibler divergence from log-probabilities, after a log_softmax layer, to one-hot targets (torch.nn.KLDivLoss).',
  );

export const lossSchema = z
  .discriminatedUnion('type', [crossEntropy, nll, mse, l1, smoothL1, huber, bceWithLogits, klDiv])
  .describe('What the model is trained to make small.');
