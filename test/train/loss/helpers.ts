import { toCamelCase } from '../../../src/config/naming.js';
import { lossSchema } from '../../../src/config/schema/losses.js';
import { type Tensor, tensorflow } from '../../../src/train/engine/tensorflow.js';
import { createLoss, type LossFunction } from '../../../src/train/loss/index.js';

/** The loss as a configuration would make it: its defaults are tested along. */
export function lossOf(type: string, options: object = {}): LossFunction {
  return createLoss(toCamelCase(lossSchema.parse({ type, ...options })));
}

/** A loss and its gradient with respect to the outputs, [batch, classes]. */
export function valueAndGradient(loss: LossFunction, outputs: number[][], targets: number[]) {
  const tf = tensorflow();
  return tf.tidy(() => {
    const indices = tf.tensor1d(targets, 'int32');
    const { value, grad } = tf.valueAndGrad((x: Tensor) => loss.compute(x, indices))(tf.tensor2d(outputs));
    return { value: value.dataSync()[0]!, gradient: (grad as Tensor).arraySync() as number[][] };
  });
}
