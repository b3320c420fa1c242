import { z } from 'zod';

const crossEntropy = z
  .strictObject({ type: z.literal('cross_entropy') })
  .describe('Cross entropy of raw logits against class indices (torch.nn.CrossEntropyLoss).');

export const lossSchema = z
  .discriminatedUnion('type', [crossEntropy])
  .describe('What the model is trained to make small.');
