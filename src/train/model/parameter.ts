import { type Tensor, tensorflow } from '../backend/tensorflow.js';
import { type Layout, toEngineOrder, toTorchOrder, type Values } from './layout.js';

/**
 * Where a parameter's tensors live. What is read is borrowed: it is valid until something is written or run, so whoever
 * wants it longer clones it. What is written is taken over, beyond the enclosing tidy.
 */
export interface TensorHome {
  read(parameter: Parameter): Tensor;
  write(parameter: Parameter, tensor: Tensor): void;
  readGrad(parameter: Parameter): Tensor | null;
  writeGrad(parameter: Parameter, gradient: Tensor | null): void;
}

/** Where they live unless told otherwise: JavaScript holds them. One for each parameter. */
class HeldTensors implements TensorHome {
  #data: Tensor | null = null;
  #grad: Tensor | null = null;

  read({ name }: Parameter): Tensor {
    if (!this.#data) throw new Error(`parameter ${name} has no values yet: initialise the model first`);
    return this.#data;
  }

  write(_: Parameter, tensor: Tensor): void {
    const previous = this.#data;
    this.#data = tensorflow().keep(tensor);
    previous?.dispose();
  }

  readGrad(): Tensor | null {
    return this.#grad;
  }

  writeGrad(_: Parameter, gradient: Tensor | null): void {
    const previous = this.#grad;
    this.#grad = gradient && tensorflow().keep(gradient);
    previous?.dispose();
  }

  /** Gives the values away; null when there are none. */
  release(): Tensor | null {
    const data = this.#data;
    this.#data = null;
    return data;
  }
}

/**
 * A tensor of a model, as it stands in PyTorch's `state_dict`: one that is trained, or a buffer, which never has a
 * gradient. `data` and `grad` are in the engine's order of dimensions; whatever a person or a file sees goes through
 * `values`, `gradient` and `load`, which speak PyTorch's.
 */
export class Parameter {
  readonly #held = new HeldTensors();
  /** Where the tensors live. */
  home: TensorHome = this.#held;
  /** Whether it is trained, as PyTorch's `requires_grad`: a frozen one has no gradient and no update. */
  requiresGrad = true;

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

  /** The values: borrowed. */
  get data(): Tensor {
    return this.home.read(this);
  }

  /** Takes over `tensor` and frees what was there. */
  set data(tensor: Tensor) {
    this.home.write(this, tensor);
  }

  /** The gradient of the loss, added up by every backward since the last zeroGrad; null before the first. Borrowed. */
  get grad(): Tensor | null {
    return this.home.readGrad(this);
  }

  /** Takes over `gradient` and frees what was there. */
  set grad(gradient: Tensor | null) {
    this.home.writeGrad(this, gradient);
  }

  /** Lets the tensors live elsewhere from now on; values that are there go along. */
  moveTo(home: TensorHome): void {
    this.#held.writeGrad(this, null);
    const data = this.#held.release();
    this.home = home;
    if (data) home.write(this, data);
  }

  /** Adds `gradient` to what is there, as PyTorch's backward does. Takes `gradient` over. */
  accumulate(gradient: Tensor): void {
    const previous = this.grad;
    this.grad = previous ? tensorflow().add(previous, gradient) : gradient;
    if (previous) gradient.dispose();
  }

  zeroGrad(): void {
    this.grad = null;
  }

  /** The values in PyTorch's order. */
  values(): Values {
    return toTorchOrder(this.data.dataSync() as Values, this.layout);
  }

  /** The gradient in PyTorch's order, or null when there is none. */
  gradient(): Float32Array | null {
    const { grad } = this;
    return grad && this.toTorch(grad);
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

  /** A tensor of this parameter's shape from values in the engine's own order. */
  fromEngine(values: Float32Array): Tensor {
    return tensorflow().tensor(values, [...this.layout.shape], 'float32');
  }

  /** Frees what JavaScript holds. */
  dispose(): void {
    this.#held.writeGrad(this, null);
    this.#held.release()?.dispose();
  }
}
