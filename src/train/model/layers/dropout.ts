import { statelessUniform } from '../../backend/kernels/stateless-uniform.js';
import { type Tensor, tensorflow } from '../../backend/tensorflow.js';
import { RandomStream } from '../../random.js';
import type { ForwardPass, Layer, LayerContext } from '../layer.js';
import { anyNumbers } from '../shape.js';

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
 * @param options p, the probability of dropping an element, 0 to 1, default 0.5
 * @param context name, input shape and seed
 * @returns the layer; it has no parameters
 * @source https://docs.pytorch.org/docs/stable/generated/torch.nn.Dropout.html
 */
export function dropout({ type, p }: DropoutOptions, { name, input, seed }: LayerContext): Layer {
  return { type, output: anyNumbers(input), parameters: [], forward: dropper(p, seed, name) };
}

/**
 * @param p probability of dropping an element
 * @param seed the run's seed
 * @param name of what drops, so that no two drop the same elements
 * @returns dropout as a function of a tensor and the pass
 */
export function dropper(p: number, seed: number, name: string): (x: Tensor, pass: ForwardPass) => Tensor {
  const stream = new RandomStream(seed, 'dropout', name);
  const key = [stream.bits(), stream.bits()];
  const scale = p < 1 ? 1 / (1 - p) : 0;
  return (x, { training, batchKey, part }) => {
    if (!training || p === 0) return x;
    const tf = tensorflow();
    const mask = tf.tidy(() => {
      const [samples, ...shape] = x.shape as [number, ...number[]];
      // A part of a batch drops what it would drop within the whole.
      const whole = statelessUniform(
        [part?.of ?? samples, ...shape],
        tf.add(batchKey, tf.tensor1d(key, 'int32')),
      );
      const uniform = part ? tf.slice(whole, part.first, part.size) : whole;
      return tf.mul(tf.cast(tf.greaterEqual(uniform, p), 'float32'), scale);
    });
    return tf.mul(x, mask);
  };
}
