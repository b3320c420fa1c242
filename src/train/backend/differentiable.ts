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

/**
 * Makes a differentiable function.
 *
 * @param name of the kernel
 * @param arity number of tensors it takes
 * @param definition what it computes, and its gradient
 * @returns the function of the tensors, the attributes and the number of outputs (default 1)
 */
export function differentiable<A extends object>(name: string, arity: number, definition: Definition<A>) {
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
