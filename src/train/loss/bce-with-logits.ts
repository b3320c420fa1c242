import { type Tensor, tensorflow } from '../backend/tensorflow.js';
import { elementwise } from './elementwise.js';
import type { Reduction, ValueLoss } from './loss.js';

export interface BceWithLogitsOptions {
  readonly type: 'bce_with_logits';
  /** Factor on the loss of each class's output, or null: all 1. */
  readonly weight: readonly number[] | null;
  /** Factor on the loss of each class's output where it is the right class, or null: all 1. */
  readonly posWeight: readonly number[] | null;
  readonly reduction: Reduction;
}

/**
 * Binary cross entropy of each raw output against its target, 0 or 1: each class is a yes or no of its own. The
 * sigmoid is inside, the model ends without one.
 *
 *     loss[i, c] = -weight[c] * (posWeight[c] * y * log(sigmoid(x)) + (1 - y) * log(1 - sigmoid(x)))
 *     x = output[i, c],  y = target[i, c]
 *
 * The mean is over batch and classes and is not divided by the weights.
 *
 * @param options weight and posWeight (default null); reduction: mean over batch and classes (default), or sum
 * @returns a function of logits [batch, classes] and targets [batch, classes] (float32)
 * @source https://docs.pytorch.org/docs/stable/generated/torch.nn.BCEWithLogitsLoss.html
 */
export function bceWithLogits({ weight, posWeight, reduction }: BceWithLogitsOptions): ValueLoss {
  const each = (logits: Tensor, targets: Tensor) => {
    const tf = tensorflow();
    // y is 0 or 1, so one of the logarithms counts: -log(sigmoid(x)) is softplus(-x), -log(1 - sigmoid(x)) is
    // softplus(x). TensorFlow computes it as max(x, 0) + log1p(exp(-|x|)), which neither overflows nor cancels.
    let losses = tf.softplus(tf.mul(logits, tf.sub(1, tf.mul(targets, 2))));
    if (posWeight !== null) {
      const beyondOne = tf.sub(tf.tensor1d([...posWeight]), 1);
      losses = tf.mul(losses, tf.add(tf.mul(beyondOne, targets), 1));
    }
    return weight === null ? losses : tf.mul(losses, tf.tensor1d([...weight]));
  };
  return elementwise(reduction, each, (x, y, index) => {
    const isRight = y === 1;
    const factors = [
      ...(weight === null ? [] : ['weight * ']),
      ...(posWeight === null || !isRight ? [] : ['pos_weight * ']),
    ];
    const p = 1 / (1 + Math.exp(isRight ? -x : x));
    return {
      symbols: {
        x,
        ...(weight && { weight: weight[index]! }),
        ...(posWeight && { pos_weight: posWeight[index]! }),
      },
      lines: [
        {
          gives: 'p',
          formula: isRight ? 'sigmoid(x)' : 'sigmoid(-x)',
          says: isRight ? 'y is 1: how likely a yes is' : 'y is 0: how likely a no is',
          value: p,
        },
        { gives: 'loss', formula: `-${factors.join('')}log(p)`, says: 'the less likely, the larger' },
      ],
    };
  });
}
