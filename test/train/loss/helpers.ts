import { toCamelCase } from '../../../src/config/naming.js';
import { lossSchema } from '../../../src/config/schema/losses.js';
import { type Scalar, type Tensor, tensorflow } from '../../../src/train/backend/tensorflow.js';
import { createLoss, divisorOf, type LossFunction } from '../../../src/train/loss/index.js';

/** The loss as a configuration would make it: its defaults are tested along. */
export function lossOf(type: string, options: object = {}): LossFunction {
  return createLoss(toCamelCase(lossSchema.parse({ type, ...options })));
}

/** The loss of a batch, as the module in PyTorch gives it. */
export function compute(loss: LossFunction, outputs: Tensor, targets: number[]): Scalar {
  const tf = tensorflow();
  const total = tf.sum(loss.rows(outputs, tf.tensor1d(targets, 'int32')));
  if (loss.reduction === 'sum') return total as Scalar;
  return tf.div(total, divisorOf(loss, Int32Array.from(targets), outputs.shape[1]!));
}

/** A loss and its gradient with respect to the outputs, [batch, classes]. */
export function valueAndGradient(loss: LossFunction, outputs: number[][], targets: number[]) {
  const tf = tensorflow();
  return tf.tidy(() => {
    const { value, grad } = tf.valueAndGrad((x: Tensor) => compute(loss, x, targets))(tf.tensor2d(outputs));
    return { value: value.dataSync()[0]!, gradient: (grad as Tensor).arraySync() as number[][] };
  });
}
