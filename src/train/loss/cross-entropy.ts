import { sparseSoftmaxCrossEntropy } from '../engine/differentiable.js';
import { type Scalar, tensorflow } from '../engine/tensorflow.js';
import type { LossFunction } from './loss.js';

export interface CrossEntropyOptions {
  readonly type: 'cross_entropy';
}

/**
 * Cross entropy of raw logits against class indices; the softmax is inside, the model ends without one.
 *
 *     loss = mean over the batch of -log(softmax(logits)[target])
 *
 * @param _options none
 * @returns a function of logits [batch, classes] and targets [batch] (int32) to a scalar
 * @source https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html
 */
export function crossEntropy(_options: CrossEntropyOptions): LossFunction {
  return (logits, targets) => tensorflow().mean(sparseSoftmaxCrossEntropy(logits, targets)) as Scalar;
}
