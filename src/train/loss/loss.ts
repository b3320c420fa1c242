import type { Scalar, Tensor } from '../engine/tensorflow.js';

/** From what the model says and what is right to one number, averaged over the batch. */
export type LossFunction = (logits: Tensor, targets: Tensor) => Scalar;
