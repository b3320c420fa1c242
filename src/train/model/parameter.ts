import { type Tensor, tensorflow } from '../engine/tensorflow.js';
import { type Layout, toEngineOrder, toTorchOrder, type Values } from './layout.js';

/**
 * Where a parameter's tensors live when JavaScript does not hold them itself: in a compiled graph. What is read is a
 * new tensor, the receiver's to free; what is written is copied.
 */
export interface TensorHome {
  read(parameter: Parameter): Tensor;
  write(parameter: Parameter, tensor: Tensor): void;
  readGrad(parameter: Parameter): Tensor | null;
  writeGrad(parameter: Parameter, gradient: Tensor | null): void;
}

/**
 * A tensor of a model, as it stands in PyTorch's `state_dict`: one that is trained, or a buffer, which never has a
 * gradient. `data` and `grad` are in the engine's order of dimensions; whatever a person or a file sees goes through
 * `values`, `gradient` and `load`, which speak PyTorch's.
 */
export class Parameter {
  #data: Tensor | undefined;
  #grad: Tensor | null = null;
  /** Where the tensors live; null: here. */
  home: TensorHome | null = null;

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
    if (this.home) return this.home.read(this);
    if (!this.#data) throw new Error(`parameter ${this.name} has no values yet: initialise the model first`);
    return this.#data;
  }

  /** Takes over `tensor` (kept beyond the enclosing tidy) and frees what was there. */
  set data(tensor: Tensor) {
    if (this.home) {
      this.home.write(this, tensor);
      tensor.dispose();
      return;
    }
    const previous = this.#data;
    this.#data = tensorflow().keep(tensor);
    previous?.dispose();
  }

  /** Lets the tensors live elsewhere from now on, and frees those that are here. */
  moveTo(home: TensorHome): void {
    this.dispose();
    this.home = home;
  }

  /** Whether it has values here. */
  get hasData(): boolean {
    return this.#data !== undefined;
  }

  /** The gradient of the loss, added up by every backward since the last zeroGrad; null before the first. */
  get grad(): Tensor | null {
    return this.home ? this.home.readGrad(this) : this.#grad;
  }

  /** Adds `gradient` to what is there, as PyTorch's backward does. Takes `gradient` over. */
  accumulate(gradient: Tensor): void {
    const tf = tensorflow();
    const previous = this.grad;
    const sum = previous ? tf.add(previous, gradient) : gradient;
    if (previous) {
      previous.dispose();
      gradient.dispose();
    }
    if (this.home) {
      this.home.writeGrad(this, sum);
      sum.dispose();
    } else {
      this.#grad = tf.keep(sum);
    }
  }

  zeroGrad(): void {
    if (this.home) {
      this.home.writeGrad(this, null);
      return;
    }
    this.#grad?.dispose();
    this.#grad = null;
  }

  /** The values in PyTorch's order. */
  values(): Values {
    const { data } = this;
    const values = toTorchOrder(data.dataSync() as Values, this.layout);
    if (this.home) data.dispose();
    return values;
  }

  /** The gradient in PyTorch's order, or null when there is none. */
  gradient(): Float32Array | null {
    const { grad } = this;
    if (!grad) return null;
    const values = this.toTorch(grad);
    if (this.home) grad.dispose();
    return values;
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
    this.#grad?.dispose();
    this.#grad = null;
    this.#data?.dispose();
    this.#data = undefined;
  }
}
