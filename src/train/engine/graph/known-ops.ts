import { type Tensor, tensorflow } from '../../backend/tensorflow.js';

interface Outcome {
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32' | 'bool';
}

/**
 * Remembers what ops give, and only of what shape, so that an op that was executed while tracing needs not be again on inputs of the same shapes:
 * only shapes count there. The parts of a batch are alike, and evaluation repeats what training did.
 */
export class KnownOps {
  readonly #outcomes = new Map<string, readonly Outcome[]>();
  #zeros = new Float32Array(0);

  /**
   * @param op its name and attributes
   * @param inputs its inputs
   * @param valuesOf the values of an input that is a constant, which the shape of the result may follow from; else null
   * @param execute executes the op on such inputs
   * @returns its outputs, zeros in place of their values
   */
  outputs(
    op: readonly [string, unknown],
    inputs: readonly Tensor[],
    valuesOf: (input: Tensor) => ArrayLike<number> | null,
    execute: (inputs: Tensor[]) => Tensor[],
  ): Tensor[] {
    // Shapes are given by whole numbers.
    const describe = (input: Tensor) => [
      input.shape,
      input.dtype,
      input.dtype === 'int32' ? Array.from(valuesOf(input) ?? []) : [],
    ];
    const key = JSON.stringify([op, inputs.map(describe)]);
    const known = this.#outcomes.get(key) ?? this.#executed(inputs, valuesOf, execute);
    this.#outcomes.set(key, known);
    return known.map((outcome) => this.#zerosOf(outcome));
  }

  /**
   * What an op gives. Nothing of it stays in TensorFlow's memory: while a model is traced all that its layers make is held, forward
   * and backward, which would be more than a step ever needs at once.
   */
  #executed(
    inputs: readonly Tensor[],
    valuesOf: (input: Tensor) => ArrayLike<number> | null,
    execute: (inputs: Tensor[]) => Tensor[],
  ): readonly Outcome[] {
    const given = inputs.map((input) => (valuesOf(input) === null ? this.#zerosOf(input as Outcome) : input));
    const outputs = execute(given);
    const outcomes = outputs.map(({ shape, dtype }) => ({ shape, dtype: dtype as Outcome['dtype'] }));
    for (const tensor of [...outputs, ...given]) if (!inputs.includes(tensor)) tensor.dispose();
    return outcomes;
  }

  /** Zeros that are not filled in for each anew. tfjs's own would be an op. */
  #zerosOf({ shape, dtype }: Outcome): Tensor {
    const size = shape.reduce((product, length) => product * length, 1);
    if (dtype !== 'float32') return tensorflow().tensor(new Int32Array(size), [...shape], dtype);
    if (this.#zeros.length < size) this.#zeros = new Float32Array(size);
    return tensorflow().tensor(this.#zeros.subarray(0, size), [...shape]);
  }
}
