import { type Tensor, tensorflow } from '../backend/tensorflow.js';
import { createLoss, type LossOptions } from '../loss/index.js';

/** What a loss is drawn against: the error of an output, or the logit of what is right. */
export type LossAxis = 'error' | 'logit';

/** A loss, and its slope, at each of some points. */
export interface LossCurve {
  readonly loss: readonly number[];
  readonly gradient: readonly number[];
}

/** Which of the two each loss is drawn against. */
export const LOSS_AXES: Readonly<Record<LossOptions['type'], LossAxis>> = {
  mse: 'error',
  l1: 'error',
  smooth_l1: 'error',
  huber: 'error',
  cross_entropy: 'logit',
  nll: 'logit',
  bce_with_logits: 'logit',
  kl_div: 'logit',
};

/**
 * Has a loss itself, and its own gradient, computed at points. By the error: of an output against the target 0. By the logit: of a
 * class that is right, where the logits of the others are 0; losses that take log-probabilities come after a log_softmax, and
 * `bce_with_logits` sees the output of that class alone.
 *
 * @param options the loss
 * @param points errors or logits
 * @returns loss and slope at each. TensorFlow must be loaded
 */
export function lossCurve(options: LossOptions, points: readonly number[]): LossCurve {
  const tf = tensorflow();
  const { type } = options;
  const loss = createLoss(options);
  const classes = classesOf(options);
  const of = (x: Tensor): Tensor => {
    if (LOSS_AXES[type] === 'error') return rowsOf(loss, x, tf.zerosLike(x));
    const logits = classes === 1 ? x : tf.concat([x, tf.zeros([points.length, classes - 1])], 1);
    const outputs = type === 'nll' || type === 'kl_div' ? tf.logSoftmax(logits) : logits;
    if (loss.takes === 'classes') return loss.rows(outputs, tf.zeros([points.length], 'int32'));
    const right = tf.concat([tf.ones([points.length, 1]), tf.zeros([points.length, classes - 1])], 1);
    const each = loss.each(outputs, classes === 1 ? tf.onesLike(x) : right);
    return type === 'bce_with_logits' ? tf.slice(each, [0, 0], [-1, 1]) : tf.sum(each, 1);
  };
  let curve: LossCurve | undefined;
  tf.tidy(() => {
    const x = tf.tensor2d([...points], [points.length, 1]);
    const slopes = tf.grad((at: Tensor) => tf.sum(of(at)))(x);
    curve = { loss: Array.from(of(x).dataSync()), gradient: Array.from(slopes.dataSync()) };
  });
  return curve!;
}

function rowsOf(loss: ReturnType<typeof createLoss>, outputs: Tensor, targets: Tensor): Tensor {
  if (loss.takes === 'classes') throw new Error('a loss of values takes values');
  return loss.rows(outputs, targets);
}

/** As many as it has weights for; else two. */
function classesOf(options: LossOptions): number {
  const weights = [
    'weight' in options ? options.weight : null,
    'posWeight' in options ? options.posWeight : null,
  ].find((each) => each !== null);
  return weights?.length ?? 2;
}
