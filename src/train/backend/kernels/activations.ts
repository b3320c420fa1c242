import { differentiable } from '../differentiable.js';
import { runOp } from '../ops.js';
import { type Tensor, tensorflow } from '../tensorflow.js';
import { FLOAT } from './window.js';

const reluKernel = differentiable<object>('Relu', 1, {
  forward: ([x]) => runOp('Relu', { T: FLOAT }, [x!])[0],
  // tfjs composes it of seven ops, from the input: with them TensorFlow cannot fuse a convolution, its bias and this, gives up
  // all fusions of the graph, and says so on stderr.
  gradient: (dy, [, y]) => [() => runOp('ReluGrad', { T: FLOAT }, [dy, y!])[0]],
});

/**
 * `max(x, 0)`.
 *
 * @param x any shape
 * @returns as `x`
 */
export function relu(x: Tensor): Tensor {
  return reluKernel([x], {})[0]!;
}

const leakyReluKernel = differentiable<{ readonly alpha: number }>('LeakyRelu', 1, {
  forward: ([x], { alpha }) => {
    // Not LeakyRelu, the op: after a sum that follows a convolution, TensorFlow 2.21 fuses it and forgets its slope.
    const tf = tensorflow();
    return tf.where(tf.greater(x!, 0), x!, tf.mul(x!, alpha));
  },
  gradient: (dy, [x], { alpha }) => [
    () => runOp('LeakyReluGrad', { T: FLOAT, alpha: { float: alpha } }, [dy, x!])[0],
  ],
});

/**
 * `x` where `x > 0`, else `alpha x`.
 *
 * @param x any shape
 * @param alpha the slope below 0
 * @returns as `x`
 */
export function leakyRelu(x: Tensor, alpha: number): Tensor {
  return leakyReluKernel([x], { alpha })[0]!;
}

const eluKernel = differentiable<{ readonly alpha: number }>('Elu', 1, {
  // Without a Relu in it, which after a sum would be fused with that, though the rest of this wants the sum too.
  forward: ([x], { alpha }) => {
    const tf = tensorflow();
    return tf.where(tf.greater(x!, 0), x!, tf.mul(tf.expm1(x!), alpha));
  },
  // Where the exponential overflows it is not taken.
  gradient: (dy, [x], { alpha }) => [
    () => {
      const tf = tensorflow();
      return tf.where(tf.greater(x!, 0), dy, tf.mul(dy, tf.mul(tf.exp(x!), alpha)));
    },
  ],
});

/**
 * `x` where `x > 0`, else `alpha (exp(x) - 1)`.
 *
 * @param x any shape
 * @param alpha minus the limit below 0
 * @returns as `x`
 */
export function elu(x: Tensor, alpha: number): Tensor {
  return eluKernel([x], { alpha })[0]!;
}

const sigmoidKernel = differentiable<object>('Sigmoid', 1, {
  forward: ([x]) => runOp('Sigmoid', { T: FLOAT }, [x!])[0],
  gradient: (dy, [, y]) => [() => runOp('SigmoidGrad', { T: FLOAT }, [y!, dy])[0]],
});

/**
 * `1 / (1 + exp(-x))`, and its gradient, in one op where tfjs has three.
 *
 * @param x any shape
 * @returns as `x`
 */
export function sigmoid(x: Tensor): Tensor {
  return sigmoidKernel([x], {})[0]!;
}

const tanhKernel = differentiable<object>('Tanh', 1, {
  forward: ([x]) => runOp('Tanh', { T: FLOAT }, [x!])[0],
  gradient: (dy, [, y]) => [() => runOp('TanhGrad', { T: FLOAT }, [y!, dy])[0]],
});

/**
 * The hyperbolic tangent, and its gradient, in one op where tfjs has three.
 *
 * @param x any shape
 * @returns as `x`
 */
export function tanh(x: Tensor): Tensor {
  return tanhKernel([x], {})[0]!;
}
