import { sparseSoftmaxCrossEntropy } from '../engine/kernels/cross-entropy.js';
import { type Tensor, tensorflow } from '../engine/tensorflow.js';
import type { LossFunction } from './loss.js';
import { reduce } from './reduce.js';
import { eachWeightedNll, type WeightedNllOptions, weightedNll } from './weighted-nll.js';

export interface CrossEntropyOptions extends WeightedNllOptions {
  readonly type: 'cross_entropy';
}

/**
 * Cross entropy of raw logits against class indices; the softmax is inside, the model ends without one.
 *
 *     loss[i] = -log(softmax(logits[i])[target[i]])
 *
 * and its mean over the batch, or its sum. For class weights, ignored classes and label smoothing see `weightedNll`.
 *
 * @param options class weights (default null), class to ignore (-100), label smoothing (0), reduction (mean)
 * @returns a function of logits [batch, classes] and targets [batch] (int32) to a scalar
 * @source https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html
 */
export function crossEntropy(options: CrossEntropyOptions): LossFunction {
  const { weight, ignoreIndex, labelSmoothing, reduction } = options;
  const isPlain = (logits: Tensor) => {
    const ignores = ignoreIndex >= 0 && ignoreIndex < logits.shape[1]!;
    return weight === null && labelSmoothing === 0 && !ignores;
  };
  return {
    reduction,
    compute(logits, targets) {
      if (isPlain(logits)) return reduce(sparseSoftmaxCrossEntropy(logits, targets), reduction);
      return weightedNll(tensorflow().logSoftmax(logits), targets, options);
    },
    each(logits, targets) {
      if (isPlain(logits)) return sparseSoftmaxCrossEntropy(logits, targets);
      return eachWeightedNll(tensorflow().logSoftmax(logits), targets, options);
    },
  };
}
