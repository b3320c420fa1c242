import { type Tensor, tensorflow } from '../engine/tensorflow.js';
import { type Layout, toEngineOrder, toTorchOrder, type Values } from './layout.js';

/**
 * A tensor of a model, as it stands in PyTorch's `state_dict`: one that is trained, or a buffer, which never has a
 * gradient. `data` and `grad` are in the engine's order of dimensions; whatever a person or a file sees goes through
 * `values`, `gradient` and `load`, which speak PyTorch's.
 */
export class Parameter {
  #data: Tensor | undefined;
  /** The gradient of the loss, added up by every backward since the last zeroGrad; null before the first. */
  grad: Tensor | null = null;

  /**
   * @param name PyTorch's name, for example `0.weight`
   * @param shape PyTorch's shape, for example [out, in, kernel height, kernel width]
   * @param layout how the engine orders the values
   * @param dtype default float32; int32 stands for PyTorch's int64, as counters have it
   */
  constructor(
    readonly name: string,
    readonly shape: readonly number[],
    readonly layout: Layout,
    readonly dtype: 'float32' | 'int32' = 'float32',
  ) {}

  get size(): number {
    return this.shape.reduce((product, size) => product * size, 1);
  }

  get data(): Tensor {
    if (!this.#data) throw new Error(`parameter ${this.name} has no values yet: initialise the model first`);
    return this.#data;
  }

  /** Takes over `tensor` (kept beyond the enclosing tidy) and frees what was there. */
  set data(tensor: Tensor) {
    const previous = this.#data;
    this.#data = tensorflow().keep(tensor);
    previous?.dispose();
  }

  /** Adds `gradient` to what is there, as PyTorch's backward does. Takes `gradient` over. */
  accumulate(gradient: Tensor): void {
    const tf = tensorflow();
    const previous = this.grad;
    this.grad = tf.keep(previous ? tf.add(previous, gradient) : gradient);
    if (previous) {
      previous.dispose();
      gradient.dispose();
    }
  }

  zeroGrad(): void {
    this.grad?.dispose();
    this.grad = null;
  }

  /** The values in PyTorch's order. */
  values(): Values {
    return toTorchOrder(this.data.dataSync() as Values, this.layout);
  }

  /** The gradient in PyTorch's order, or null when there is none. */
  gradient(): Float32Array | null {
    return this.grad && this.toTorch(this.grad);
  }

  /** Replaces the values. @param values in PyTorch's order */
  load(values: Values): void {
    const ordered = toEngineOrder(values, this.layout);
    this.data = tensorflow().tensor(ordered, [...this.layout.shape], this.dtype);
  }

  /** A tensor of this parameter's shape, such as optimizer state, in PyTorch's order. */
  toTorch(tensor: Tensor): Float32Array {
    return toTorchOrder(tensor.dataSync() as Float32Array, this.layout);
  }

  /** The inverse of `toTorch`. */
  fromTorch(values: Float32Array): Tensor {
    return tensorflow().tensor(toEngineOrder(values, this.layout), [...this.layout.shape], 'float32');
  }

  dispose(): void {
    this.zeroGrad();
    this.#data?.dispose();
    this.#data = undefined;
  }
}
