import { sparseSoftmaxCrossEntropy } from '../backend/kernels/cross-entropy.js';
import { type Tensor, tensorflow } from '../backend/tensorflow.js';
import type { ClassLoss } from './loss.js';
import { type WeightedNllOptions, weightedLoss, weightedNll } from './weighted-nll.js';

export interface CrossEntropyOptions extends WeightedNllOptions {
  readonly type: 'cross_entropy';
}

/**
 * Cross entropy of raw logits against class indices; the softmax is inside, the model ends without one.
 *
 *     loss[i] = -log(softmax(logits[i])[target[i]])
 *
 * and its mean over the batch, or its sum. For class weights, ignored classes and label smoothing see `weightedLoss`.
 *
 * @param options class weights (default null), class to ignore (-100), label smoothing (0), reduction (mean)
 * @returns a function of logits [batch, classes] and targets [batch] (int32)
 * @source https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html
 */
export function crossEntropy(options: CrossEntropyOptions): ClassLoss {
  const { weight, ignoreIndex, labelSmoothing } = options;
  const isPlain = (logits: Tensor) => {
    const ignores = ignoreIndex >= 0 && ignoreIndex < logits.shape[1]!;
    return weight === null && labelSmoothing === 0 && !ignores;
  };
  return weightedLoss(options, (logits, targets) =>
    isPlain(logits)
      ? sparseSoftmaxCrossEntropy(logits, targets)
      : weightedNll(tensorflow().logSoftmax(logits), targets, options),
  );
}
