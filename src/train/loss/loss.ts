import type { Scalar, Tensor } from '../engine/tensorflow.js';

/** How the losses of a batch become one number. */
export type Reduction = 'mean' | 'sum';

/** From what the model says and what is right to one number. */
export interface LossFunction {
  /** Whether that number is a mean or grows with the batch: batches add up accordingly. */
  readonly reduction: Reduction;
  /**
   * @param outputs what the model says, [batch, classes]
   * @param targets the right class indices, [batch], int32
   * @returns the loss; gradients flow to the outputs
   */
  compute(outputs: Tensor, targets: Tensor): Scalar;
  /**
   * @param outputs what the model says, [batch, classes]
   * @param targets the right class indices, [batch], int32
   * @returns [batch]: what `compute` gives for a batch of each image alone
   */
  each(outputs: Tensor, targets: Tensor): Tensor;
}
