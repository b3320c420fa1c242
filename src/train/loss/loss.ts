import type { Tensor } from '../backend/tensorflow.js';

/** How the losses of a batch become one number. */
export type Reduction = 'mean' | 'sum';

/**
 * From what the model says and what is right to one number: a sum over the samples, and for a mean what it is divided by.
 * The two travel apart, so that batches, accumulated ones too, add up to what one large batch would give:
 *
 *     sum:  sum of rows[i]
 *     mean: sum of rows[i] / sum of weight(target[i])
 */
export interface LossFunction {
  readonly reduction: Reduction;
  /** The class whose samples do not count; null: there is none. */
  readonly ignoreIndex: number | null;
  /**
   * @param outputs what the model says, [batch, classes]
   * @param targets the right class indices, [batch], int32
   * @returns [batch]: what each sample adds to the sum; gradients flow to the outputs
   */
  rows(outputs: Tensor, targets: Tensor): Tensor;
  /**
   * @param target the right class index of a sample
   * @param classes how many outputs the model has
   * @returns what the sample adds to what a mean is divided by; 0: it does not count
   */
  weight(target: number, classes: number): number;
}

/**
 * @param lossFunction the loss
 * @param targets class indices of some samples
 * @param classes how many outputs the model has
 * @returns what the mean of their losses divides by
 */
export function divisorOf({ weight }: LossFunction, targets: Int32Array, classes: number): number {
  let sum = 0;
  for (const target of targets) sum += weight(target, classes);
  return sum;
}
