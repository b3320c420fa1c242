import { tensorflow } from '../backend/tensorflow.js';
import { elementwise } from './elementwise.js';
import type { ValueLoss } from './loss.js';

export interface KlDivOptions {
  readonly type: 'kl_div';
  readonly reduction: 'mean' | 'batchmean' | 'sum';
}

/**
 * Kullback-Leibler divergence of the targets, each 0 or 1, from the model's log-probabilities: the model ends with a
 * log_softmax.
 *
 *     loss[i, c] = y * (log(y) - logProbs[i, c]),  y = target[i, c],  0 * log(0) = 0
 *
 * `mean` divides by batch x classes, as PyTorch does; `batchmean` divides by batch, which is the divergence proper.
 *
 * @param options reduction: mean (default), batchmean or sum
 * @returns a function of log-probabilities [batch, classes] and targets [batch, classes] (float32)
 * @source https://docs.pytorch.org/docs/stable/generated/torch.nn.KLDivLoss.html
 */
export function klDiv({ reduction }: KlDivOptions): ValueLoss {
  const loss = elementwise(
    reduction === 'sum' ? 'sum' : 'mean',
    // y * log(y) is 0 for both values of y.
    (logProbs, targets) => tensorflow().neg(tensorflow().mul(targets, logProbs)),
    (x, y) => ({
      symbols: { x, y },
      lines: [
        y === 0
          ? { gives: 'loss', formula: '-y * x', says: 'y is 0, and so is y * log(y)' }
          : { gives: 'loss', formula: 'y * (log(y) - x)', says: 'x is the log-probability' },
      ],
    }),
  );
  return reduction === 'batchmean' ? { ...loss, weight: () => 1 } : loss;
}
