import type { Parameter } from '../model/parameter.js';

/**
 * All gradients of a model as one vector, between backward and clipping: for adding up over several processes, for looking
 * at them, for an optimizer of one's own. Parameters lie one after the other, each in PyTorch's order, as
 * `torch.nn.utils.parameters_to_vector` has them.
 */
export class Gradients {
  readonly length: number;

  constructor(private readonly parameters: readonly Parameter[]) {
    this.length = parameters.reduce((sum, { size }) => sum + size, 0);
  }

  /** @returns a copy of the gradients; null when there are none since zeroGrad */
  read(): Float32Array | null {
    const flat = new Float32Array(this.length);
    let first = 0;
    for (const parameter of this.parameters) {
      const gradient = parameter.gradient();
      if (gradient === null) return null;
      flat.set(gradient, first);
      first += parameter.size;
    }
    return flat;
  }

  /**
   * Replaces the gradients: clipping and the step take these.
   *
   * @param flat [length], as `read` gives them
   * @throws RangeError when the length is another one; Error when there are none to be replaced
   */
  write(flat: Float32Array): void {
    if (flat.length !== this.length) {
      throw new RangeError(`${flat.length} values for gradients of ${this.length}`);
    }
    let first = 0;
    for (const parameter of this.parameters) {
      parameter.grad = parameter.fromTorch(flat.subarray(first, first + parameter.size));
      first += parameter.size;
    }
  }
}
