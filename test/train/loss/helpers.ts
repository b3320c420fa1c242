import { lossOptions } from '../../../src/config/loss.js';
import { toCamelCase } from '../../../src/config/naming.js';
import { lossSchema } from '../../../src/config/schema/losses.js';
import { type Scalar, type Tensor, tensorflow } from '../../../src/train/backend/tensorflow.js';
import { createLoss, type LossFunction } from '../../../src/train/loss/index.js';
import { classes } from '../../helpers/tasks.js';

/** The loss as a configuration would make it: its defaults are tested along. */
export function lossOf(type: string, options: object = {}): LossFunction {
  return createLoss(lossOptions(toCamelCase(lossSchema.parse({ type, ...options })), null));
}

/** What each image adds to the sum. */
export function rowsOf(loss: LossFunction, outputs: Tensor, targets: number[]): Tensor {
  const indices = tensorflow().tensor1d(targets, 'int32');
  return loss.rows(outputs, classes(outputs.shape[1]!).forLoss(outputs, indices, loss.takes).targets);
}

/** The loss of a batch, as the module in PyTorch gives it. */
export function compute(loss: LossFunction, outputs: Tensor, targets: number[]): Scalar {
  const tf = tensorflow();
  const total = tf.sum(rowsOf(loss, outputs, targets));
  if (loss.reduction === 'sum') return total as Scalar;
  return tf.div(total, classes(outputs.shape[1]!).divisor(Int32Array.from(targets), loss));
}

/** A loss and its gradient with respect to the outputs, [batch, classes]. */
export function valueAndGradient(loss: LossFunction, outputs: number[][], targets: number[]) {
  const tf = tensorflow();
  return tf.tidy(() => {
    const { value, grad } = tf.valueAndGrad((x: Tensor) => compute(loss, x, targets))(tf.tensor2d(outputs));
    return { value: value.dataSync()[0]!, gradient: (grad as Tensor).arraySync() as number[][] };
  });
}
