import { runOp } from './ops.js';
import { type Tensor, tensorflow } from './tensorflow.js';

/**
 * Differentiable functions on top of TensorFlow's ops, for what tfjs has no gradient for or a slow one. Each is a
 * kernel with a gradient in tfjs's own registry, whose gradients are thunks: the tape calls only those it needs,
 * so the first layer's input gradient is never computed.
 */
interface Definition<A extends object> {
  forward(inputs: readonly Tensor[], attributes: A): Tensor | Tensor[];
  /** One thunk per input, or null for an input without gradient. `saved` is the inputs, then all outputs. */
  gradient(dy: Tensor, saved: readonly Tensor[], attributes: A): readonly ((() => Tensor) | null)[];
}

function differentiable<A extends object>(name: string, arity: number, definition: Definition<A>) {
  const kernelName = `Lossnet${name}`;
  const inputNames = Array.from({ length: arity }, (_, i) => `input${i}`);
  let registered = false;

  const register = (outputs: number): void => {
    const tf = tensorflow();
    tf.registerKernel({
      kernelName,
      backendName: 'tensorflow',
      kernelFunc: ({ inputs, attrs }) =>
        definition.forward(
          inputNames.map((input) => inputs[input] as Tensor),
          attrs as unknown as A,
        ),
    });
    tf.registerGradient({
      kernelName,
      inputsToSave: inputNames,
      outputsToSave: Array<boolean>(outputs).fill(true),
      gradFunc: (dy, saved, attrs) => {
        const first = Array.isArray(dy) ? dy[0] : dy;
        const thunks = definition.gradient(first as Tensor, saved, attrs as unknown as A);
        return Object.fromEntries(inputNames.flatMap((input, i) => (thunks[i] ? [[input, thunks[i]]] : [])));
      },
    });
    registered = true;
  };

  return (inputs: readonly Tensor[], attributes: A, outputs = 1): Tensor[] => {
    if (!registered) register(outputs);
    const named = Object.fromEntries(inputNames.map((input, i) => [input, inputs[i]!]));
    const result = tensorflow()
      .engine()
      .runKernel(kernelName, named, attributes as never);
    return (Array.isArray(result) ? result : [result]) as Tensor[];
  };
}

const FLOAT = { type: 'float32' } as const;
const NHWC = { string: 'NHWC' } as const;

/** Stride and zero padding of a window, as [height, width]. */
export interface Window2d {
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
}

const windowAttributes = ({ stride, padding: [height, width] }: Window2d) => ({
  T: FLOAT,
  strides: { ints: [1, ...stride, 1] },
  padding: { string: 'EXPLICIT' },
  explicit_paddings: { ints: [0, 0, height, height, width, width, 0, 0] },
  data_format: NHWC,
});

const conv2dKernel = differentiable<Window2d>('Conv2d', 2, {
  forward: ([x, filter], window) => runOp('Conv2D', windowAttributes(window), [x!, filter!])[0],
  gradient: (dy, [x, filter], window) => {
    const sizes = (tensor: Tensor) => tensorflow().tensor1d(tensor.shape, 'int32');
    return [
      () => runOp('Conv2DBackpropInput', windowAttributes(window), [sizes(x!), filter!, dy])[0],
      () => runOp('Conv2DBackpropFilter', windowAttributes(window), [x!, sizes(filter!), dy])[0],
    ];
  },
});

/**
 * 2d convolution with explicit zero padding, which tfjs's own kernel cannot differentiate.
 *
 * @param x [batch, height, width, in]
 * @param filter [kernel height, kernel width, in, out]
 * @param window stride and padding
 * @returns [batch, out height, out width, out]
 */
export function conv2d(x: Tensor, filter: Tensor, window: Window2d): Tensor {
  return conv2dKernel([x, filter], window)[0]!;
}

const biasAddKernel = differentiable<object>('BiasAdd', 2, {
  forward: ([x, bias]) => runOp('BiasAdd', { T: FLOAT, data_format: NHWC }, [x!, bias!])[0],
  // A clone shares the data: the tape may dispose what a gradient returns, and dy is not ours.
  gradient: (dy) => [() => dy.clone(), () => runOp('BiasAddGrad', { T: FLOAT, data_format: NHWC }, [dy])[0]],
});

/**
 * Adds a bias to the last dimension, in one op each way where tfjs broadcasts and reduces.
 *
 * @param x [..., features]
 * @param bias [features]
 * @returns [..., features]
 */
export function biasAdd(x: Tensor, bias: Tensor): Tensor {
  return biasAddKernel([x, bias], {})[0]!;
}

const crossEntropyKernel = differentiable<object>('SparseSoftmaxCrossEntropy', 2, {
  forward: ([logits, targets]) =>
    runOp(
      'SparseSoftmaxCrossEntropyWithLogits',
      { T: FLOAT, Tlabels: { type: 'int32' } },
      [logits!, targets!],
      2,
    ),
  gradient: (dy, [, , , backprop]) => [
    () => tensorflow().mul(backprop!, tensorflow().expandDims(dy, 1)),
    null,
  ],
});

/**
 * Cross entropy of each row of raw logits against its class index, and its gradient, in one fused op.
 *
 * @param logits [batch, classes]
 * @param targets [batch], int32
 * @returns losses [batch]
 */
export function sparseSoftmaxCrossEntropy(logits: Tensor, targets: Tensor): Tensor {
  return crossEntropyKernel([logits, targets], {}, 2)[0]!;
}

/**
 * Uniform random numbers in [0, 1) as a pure function of a seed (Philox): the same in every run, in both engines
 * and for any number of threads.
 *
 * @param shape shape of the result
 * @param seed [2], int32
 * @returns float32 tensor; no gradient flows through it
 */
export function statelessUniform(shape: readonly number[], seed: Tensor): Tensor {
  const size = tensorflow().tensor1d([...shape], 'int32');
  const attributes = { dtype: FLOAT, T: { type: 'int32' }, Tseed: { type: 'int32' } } as const;
  const [uniform] = runOp('StatelessRandomUniform', attributes, [size, seed]);
  size.dispose();
  return uniform;
}
