import { type Scalar, type Tensor, tensorflow } from '../engine/tensorflow.js';
import type { Parameter } from '../model/parameter.js';
import { type ClipOptions, clipGradients } from './clip.js';

/** What an update is made from; all tensors have the parameter's shape in the engine's order. */
export interface UpdateInput<Slot extends string, Coefficient extends string> {
  readonly data: Tensor;
  readonly grad: Tensor;
  /** The optimizer's memory of this parameter. */
  readonly state: Readonly<Record<Slot, Tensor>>;
  /** The numbers that change from step to step, as scalars. */
  readonly at: Readonly<Record<Coefficient, Scalar>>;
}

export interface UpdateOutput<Slot extends string> {
  readonly data: Tensor;
  /** The new value of each of the optimizer's slots. */
  readonly state: Readonly<Partial<Record<Slot, Tensor>>>;
}

/** What every optimizer is told. */
export interface CommonOptions {
  /** Learning rate: the size of a step. */
  readonly lr: number;
  /** Whether the loss is to grow rather than to shrink. */
  readonly maximize: boolean;
}

/** An optimizer's memory: for each updated parameter, by name, its number of updates and its tensors in PyTorch's order. */
export type OptimizerState = Map<string, { step: number; tensors: Map<string, Float32Array> }>;

/** What carries an optimizer's operations out when JavaScript does not do it itself: a compiled graph. */
export interface OptimizerHome {
  zeroGrad(): void;
  clipGradients(): void;
  /** Norm of the gradients when they were last clipped, before that; null when they are not clipped. */
  gradNorm(): number | null;
  step(): void;
  stateDict(): OptimizerState;
  loadStateDict(state: OptimizerState): void;
}

interface ParameterState {
  /** Updates so far. */
  step: number;
  readonly tensors: Map<string, Tensor>;
}

/**
 * Owns the parameters, their state (keyed by parameter name) and the three operations of the loop. A subclass is
 * its formula: which tensors it remembers, which numbers change from step to step, and one pure update.
 */
export abstract class Optimizer<Slot extends string = string, Coefficient extends string = string> {
  readonly #state = new Map<string, ParameterState>();
  readonly #maximize: boolean;
  #gradNorm: number | null = null;
  /** What carries the operations out; null: the optimizer itself. */
  home: OptimizerHome | null = null;
  /** Learning rate of the next step; a schedule sets it before each. */
  lr: number;

  /**
   * @param parameters what is trained
   * @param common the first learning rate, and whether the loss is to grow
   * @param momentum what the next step takes as its momentum (beta1, for those that have betas); a schedule may set
   * it before each. null: the optimizer has none. One that began with momentum 0 keeps no buffer, and stays at 0.
   */
  constructor(
    readonly parameters: readonly Parameter[],
    { lr, maximize }: CommonOptions,
    public momentum: number | null,
  ) {
    this.lr = lr;
    this.#maximize = maximize;
  }

  /** The tensors remembered per parameter, by PyTorch's names. */
  abstract readonly slots: readonly Slot[];

  /**
   * The numbers of the formula that change from step to step.
   *
   * @param lr learning rate
   * @param t number of this update, counted from 1
   * @param momentum momentum or beta1; 0 for an optimizer without
   */
  abstract coefficients(lr: number, t: number, momentum: number): Record<Coefficient, number>;

  /** What fills a slot before the first update. Default: 0. */
  initial(_slot: Slot): number {
    return 0;
  }

  /** The formula: one update of one parameter, in tensors only. */
  protected abstract update(input: UpdateInput<Slot, Coefficient>): UpdateOutput<Slot>;

  /** One update of one parameter: pure, so that it can be executed or compiled. */
  next(input: UpdateInput<Slot, Coefficient>): UpdateOutput<Slot> {
    // Before anything is added to it: weight decay pulls towards zero either way.
    return this.update(this.#maximize ? { ...input, grad: tensorflow().neg(input.grad) } : input);
  }

  /** Clears every parameter's gradient, as `optimizer.zero_grad()`. */
  zeroGrad(): void {
    if (this.home) this.home.zeroGrad();
    else for (const parameter of this.parameters) parameter.zeroGrad();
  }

  /** Limits the gradients, when told to; see `clipGradients`. */
  clipGradients(options: ClipOptions): void {
    if (this.home) this.home.clipGradients();
    else this.#gradNorm = clipGradients(this.parameters, options);
  }

  /** Norm of the gradients when they were last clipped, before that; null when they are not clipped. */
  get gradNorm(): number | null {
    return this.home ? this.home.gradNorm() : this.#gradNorm;
  }

  /** Updates every parameter that has a gradient, as `optimizer.step()`; changes nothing else but the state. */
  step(): void {
    if (this.home) this.home.step();
    else {
      for (const parameter of this.parameters) {
        if (parameter.grad) this.#stepOne(parameter, parameter.grad);
      }
    }
  }

  #stepOne(parameter: Parameter, grad: Tensor): void {
    const tf = tensorflow();
    const state = this.#stateOf(parameter);
    state.step += 1;
    const output = tf.tidy(() => {
      const numbers = this.coefficients(this.lr, state.step, this.momentum ?? 0);
      const at = mapValues(numbers, (value) => tf.scalar(value));
      const slots = Object.fromEntries(this.slots.map((slot) => [slot, state.tensors.get(slot)!]));
      const { data, state: next } = this.next({
        data: parameter.data,
        grad,
        state: slots as Record<Slot, Tensor>,
        at: at as Record<Coefficient, Scalar>,
      });
      return [data, ...this.slots.map((slot) => next[slot]!)];
    });
    const [data, ...tensors] = output as [Tensor, ...Tensor[]];
    parameter.data = data;
    for (const [index, slot] of this.slots.entries()) {
      state.tensors.get(slot)!.dispose();
      state.tensors.set(slot, tf.keep(tensors[index]!));
    }
  }

  #stateOf(parameter: Parameter): ParameterState {
    let state = this.#state.get(parameter.name);
    if (!state) {
      const tf = tensorflow();
      const filled = (slot: Slot) => tf.keep(tf.fill([...parameter.layout.shape], this.initial(slot)));
      state = { step: 0, tensors: new Map(this.slots.map((slot) => [slot, filled(slot)])) };
      this.#state.set(parameter.name, state);
    }
    return state;
  }

  /** The memory of every parameter that has been updated. */
  stateDict(): OptimizerState {
    if (this.home) return this.home.stateDict();
    const entries = this.parameters.flatMap((parameter) => {
      const state = this.#state.get(parameter.name);
      if (!state) return [];
      const tensors = new Map([...state.tensors].map(([slot, tensor]) => [slot, parameter.toTorch(tensor)]));
      return [[parameter.name, { step: state.step, tensors }] as const];
    });
    return new Map(entries);
  }

  /**
   * The inverse of `stateDict`, for the same parameters and the same kind of optimizer.
   *
   * @throws Error when a parameter's state lacks one of this optimizer's tensors
   */
  loadStateDict(dict: OptimizerState): void {
    this.dispose();
    this.#check(dict);
    if (this.home) this.home.loadStateDict(dict);
    else this.#load(dict);
  }

  #load(dict: OptimizerState): void {
    for (const parameter of this.parameters) {
      const saved = dict.get(parameter.name);
      if (!saved) continue;
      const tensors = this.slots.map((slot) => {
        return [slot, tensorflow().keep(parameter.fromTorch(saved.tensors.get(slot)!))] as const;
      });
      this.#state.set(parameter.name, { step: saved.step, tensors: new Map(tensors) });
    }
  }

  #check(dict: OptimizerState): void {
    for (const parameter of this.parameters) {
      const saved = dict.get(parameter.name);
      const missing = saved && this.slots.find((slot) => saved.tensors.get(slot)?.length !== parameter.size);
      if (missing) throw new Error(`it lacks ${missing} of ${parameter.name}`);
    }
  }

  /** Frees the state's tensors. */
  dispose(): void {
    for (const { tensors } of this.#state.values()) for (const tensor of tensors.values()) tensor.dispose();
    this.#state.clear();
  }
}

function mapValues<V, R>(record: Record<string, V>, map: (value: V) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
