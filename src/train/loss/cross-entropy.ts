import { sparseSoftmaxCrossEntropy } from '../backend/kernels/cross-entropy.js';
import { type Tensor, tensorflow } from '../backend/tensorflow.js';
import type { ClassLoss, LossFormula } from './loss.js';
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
  return weightedLoss(
    options,
    (logits, targets) =>
      isPlain(logits)
        ? sparseSoftmaxCrossEntropy(logits, targets)
        : weightedNll(tensorflow().logSoftmax(logits), targets, options),
    (logits, target) => written(logits, target, options),
  );
}

/** The loss of one sample, as the probabilities of its classes make it. */
function written(logits: Float32Array, target: number, options: CrossEntropyOptions): LossFormula {
  const { weight, labelSmoothing } = options;
  const tf = tensorflow();
  const logProbs = tf.tidy(
    () => tf.logSoftmax(tf.tensor2d(logits, [1, logits.length])).dataSync() as Float32Array,
  );
  const exponentials = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
  const w = weight === null ? '' : 'w_c * ';
  // Where the probability is too small for a number, its logarithm still is one.
  const p = Math.exp(logProbs[target]!);
  const isTiny = p === 0 || !Number.isFinite(exponentials);
  const log = isTiny ? 'log_p' : 'log(p)';
  const all = logProbs.reduce((sum, logProb, c) => sum + (weight?.[c] ?? 1) * logProb, 0);
  const smooth = {
    formula: `-((1 - s) * ${w}${log} + s / classes * sum_log)`,
    says: 'label smoothing: a share s of the target is spread over all classes',
  };
  const plain = { formula: `-${w}${log}`, says: 'the less likely the right class, the larger' };
  return {
    symbols: {
      ...{ x_c: logits[target]!, sum_exp: exponentials },
      ...(weight && { w_c: weight[target]! }),
      ...(labelSmoothing > 0 && { s: labelSmoothing, classes: logits.length, sum_log: all }),
    },
    lines: [
      isTiny
        ? { gives: 'log_p', formula: 'log_softmax(x)[c]', says: 'log-probability', value: logProbs[target]! }
        : { gives: 'p', formula: 'exp(x_c) / sum_exp', says: 'softmax of the right class', value: p },
      { gives: 'loss', ...(labelSmoothing > 0 ? smooth : plain) },
    ],
  };
}
