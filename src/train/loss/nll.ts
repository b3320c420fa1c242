import type { ClassLoss } from './loss.js';
import { type WeightedNllOptions, weightedLoss, weightedNll } from './weighted-nll.js';

export interface NllOptions extends Omit<WeightedNllOptions, 'labelSmoothing'> {
  readonly type: 'nll';
}

/**
 * Negative log likelihood of log-probabilities against class indices: the model ends with a log_softmax.
 *
 *     loss[i] = -logProbs[i, target[i]]
 *
 * and its mean over the batch, or its sum. For class weights and ignored classes see `weightedLoss`.
 *
 * @param options class weights (default null), class to ignore (-100), reduction (mean)
 * @returns a function of log-probabilities [batch, classes] and targets [batch] (int32)
 * @source https://docs.pytorch.org/docs/stable/generated/torch.nn.NLLLoss.html
 */
export function nll(options: NllOptions): ClassLoss {
  const own = { ...options, labelSmoothing: 0 };
  return weightedLoss(
    own,
    (logProbs, targets) => weightedNll(logProbs, targets, own),
    (logProbs, target) => ({
      symbols: { x_c: logProbs[target]!, ...(own.weight && { w_c: own.weight[target]! }) },
      lines: [
        {
          gives: 'loss',
          formula: own.weight ? '-w_c * x_c' : '-x_c',
          says: 'x_c is the log-probability of the right class',
        },
      ],
    }),
  );
}
