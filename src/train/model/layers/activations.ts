import { elu, leakyRelu, relu } from '../../backend/kernels/activations.js';
import { type Tensor, tensorflow } from '../../backend/tensorflow.js';
import type { Layer, LayerContext } from '../layer.js';
import { anyNumbers } from '../shape.js';

/** Functions of each number by itself. */
export type ActivationOptions =
  | { readonly type: 'relu' | 'silu' | 'sigmoid' | 'tanh' }
  | { readonly type: 'leaky_relu'; readonly negativeSlope: number }
  | { readonly type: 'elu'; readonly alpha: number }
  | { readonly type: 'gelu'; readonly approximate: 'none' | 'tanh' };

/**
 * An activation: without one between them, two linear layers are no more than one.
 *
 *     relu         max(x, 0)
 *     leaky_relu   x where x > 0, else negative_slope x
 *     elu          x where x > 0, else alpha (exp(x) - 1)
 *     gelu         x Phi(x), Phi the normal distribution; approximately x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) / 2
 *     silu         x sigmoid(x)
 *     sigmoid      1 / (1 + exp(-x))
 *     tanh         (exp(x) - exp(-x)) / (exp(x) + exp(-x))
 *
 * @param options which; leaky_relu's negativeSlope, default 0.01; elu's alpha, default 1; gelu's approximate,
 * `none` (default) or `tanh`
 * @param context input shape, any
 * @returns the layer; it has no parameters, its output has the shape of its input
 * @source https://docs.pytorch.org/docs/stable/nn.html#non-linear-activations-weighted-sum-nonlinearity
 */
export function activation(options: ActivationOptions, { input }: LayerContext): Layer {
  return {
    type: options.type,
    output: anyNumbers(input),
    parameters: [],
    forward: functionOf(options),
  };
}

function functionOf(options: ActivationOptions): (x: Tensor) => Tensor {
  switch (options.type) {
    case 'relu':
      return relu;
    case 'leaky_relu':
      return (x) => leakyRelu(x, options.negativeSlope);
    case 'elu':
      return (x) => elu(x, options.alpha);
    case 'gelu':
      return options.approximate === 'tanh' ? geluTanh : gelu;
    case 'silu':
      return (x) => tensorflow().mul(x, tensorflow().sigmoid(x));
    case 'sigmoid':
      return (x) => tensorflow().sigmoid(x);
    case 'tanh':
      return (x) => tensorflow().tanh(x);
  }
}

function gelu(x: Tensor): Tensor {
  const tf = tensorflow();
  return tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));
}

function geluTanh(x: Tensor): Tensor {
  const tf = tensorflow();
  const inner = tf.mul(tf.add(x, tf.mul(tf.mul(tf.mul(x, x), x), 0.044715)), Math.sqrt(2 / Math.PI));
  return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(inner), 1));
}
