import { statelessUniform } from '../../engine/differentiable.js';
import { tensorflow } from '../../engine/tensorflow.js';
import { RandomStream } from '../../random.js';
import type { Layer, LayerContext } from '../layer.js';

export interface DropoutOptions {
  readonly type: 'dropout';
  readonly p: number;
}

/**
 * In training, zeroes each element with probability p and scales the others so that the mean stays; in evaluation
 * it does nothing. Which elements is a pure function of the run's seed, the layer, the epoch and the batch.
 *
 *     y = x * mask / (1 - p),   mask = 1 where u >= p, u uniform in [0, 1)
 *
 * @param options p, the probability of dropping an element, 0 to 1
 * @param context name, input shape and seed
 * @returns the layer; it has no parameters
 * @source https://docs.pytorch.org/docs/stable/generated/torch.nn.Dropout.html
 */
export function dropout({ type, p }: DropoutOptions, { name, input, seed }: LayerContext): Layer {
  const stream = new RandomStream(seed, 'dropout', name);
  const key = [stream.bits(), stream.bits()];
  const scale = p < 1 ? 1 / (1 - p) : 0;
  return {
    type,
    output: input,
    parameters: [],
    forward: (x, { training, batchKey }) => {
      if (!training || p === 0) return x;
      const tf = tensorflow();
      const mask = tf.tidy(() => {
        const uniform = statelessUniform(x.shape, tf.add(batchKey, tf.tensor1d(key, 'int32')));
        return tf.mul(tf.cast(tf.greaterEqual(uniform, p), 'float32'), scale);
      });
      return tf.mul(x, mask);
    },
  };
}
