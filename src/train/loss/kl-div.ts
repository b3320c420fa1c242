import { type Scalar, type Tensor, tensorflow } from '../engine/tensorflow.js';
import type { LossFunction } from './loss.js';
import { oneHot } from './one-hot.js';
import { reduce, reduceRows } from './reduce.js';

export interface KlDivOptions {
  readonly type: 'kl_div';
  readonly reduction: 'mean' | 'batchmean' | 'sum';
}

/**
 * Kullback-Leibler divergence of the one-hot targets from the model's log-probabilities: the model ends with a
 * log_softmax.
 *
 *     loss[i, c] = y * (log(y) - logProbs[i, c]),  y = target[i, c],  0 * log(0) = 0
 *
 * `mean` divides by batch x classes, as PyTorch does; `batchmean` divides by batch, which is the divergence proper.
 *
 * @param options reduction: mean (default), batchmean or sum
 * @returns a function of log-probabilities [batch, classes] and targets [batch] (int32) to a scalar
 * @source https://docs.pytorch.org/docs/stable/generated/torch.nn.KLDivLoss.html
 */
export function klDiv({ reduction }: KlDivOptions): LossFunction {
  const tf = tensorflow;
  // y * log(y) is 0 for both values of y.
  const losses = (logProbs: Tensor, targets: Tensor) =>
    tf().neg(tf().mul(oneHot(targets, logProbs.shape[1]!), logProbs));
  return {
    reduction: reduction === 'sum' ? 'sum' : 'mean',
    compute(logProbs, targets) {
      const all = losses(logProbs, targets);
      if (reduction !== 'batchmean') return reduce(all, reduction);
      return tf().div(reduce(all, 'sum'), logProbs.shape[0]!) as Scalar;
    },
    each: (logProbs, targets) => reduceRows(losses(logProbs, targets), reduction === 'mean' ? 'mean' : 'sum'),
  };
}
