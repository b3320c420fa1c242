import { type Scalar, type Tensor, tensorflow } from '../backend/tensorflow.js';
import type { Parameter } from '../model/parameter.js';
import { type ClipOptions, clipGradients } from './clip.js';
import type { UpdateRule } from './update-rule.js';

/** An optimizer's memory: for each updated parameter, by name, its number of updates and its tensors in PyTorch's order. */
export type OptimizerState = Map<string, { step: number; tensors: Map<string, Float32Array> }>;

/** What carries an optimizer's operations out, and where its memory lives. */
export interface OptimizerHome {
  zeroGrad(): void;
  clipGradients(options: ClipOptions): void;
  /** Norm of the gradients when they were last clipped, before that; null when they are not clipped. */
  gradNorm(): number | null;
  step(): void;
  stateDict(): OptimizerState;
  /** @param state whole for every parameter that it names */
  loadStateDict(state: OptimizerState): void;
  dispose(): void;
}

interface ParameterState {
  /** Updates so far. */
  step: number;
  readonly tensors: Map<string, Tensor>;
}

/** Carries them out one op at a time, the memory held by JavaScript: what an optimizer begins with. */
export class EagerHome<Slot extends string, Coefficient extends string> implements OptimizerHome {
  readonly #state = new Map<string, ParameterState>();
  #gradNorm: number | null = null;

  constructor(
    private readonly parameters: readonly Parameter[],
    private readonly rule: UpdateRule<Slot, Coefficient>,
  ) {}

  zeroGrad(): void {
    for (const parameter of this.parameters) parameter.zeroGrad();
  }

  clipGradients(options: ClipOptions): void {
    this.#gradNorm = clipGradients(this.parameters, options);
  }

  gradNorm(): number | null {
    return this.#gradNorm;
  }

  step(): void {
    for (const parameter of this.parameters) if (parameter.grad) this.#stepOne(parameter, parameter.grad);
  }

  #stepOne(parameter: Parameter, grad: Tensor): void {
    const tf = tensorflow();
    const { rule } = this;
    const state = this.#stateOf(parameter);
    state.step += 1;
    const output = tf.tidy(() => {
      const numbers = rule.coefficients(rule.lr, state.step, rule.momentum ?? 0);
      const at = mapValues(numbers, (value) => tf.scalar(value));
      const slots = Object.fromEntries(rule.slots.map((slot) => [slot, state.tensors.get(slot)!]));
      const { data, state: next } = rule.next({
        data: parameter.data,
        grad,
        state: slots as Record<Slot, Tensor>,
        at: at as Record<Coefficient, Scalar>,
      });
      return [data, ...rule.slots.map((slot) => next[slot]!)];
    });
    const [data, ...tensors] = output as [Tensor, ...Tensor[]];
    parameter.data = data;
    for (const [index, slot] of rule.slots.entries()) {
      state.tensors.get(slot)!.dispose();
      state.tensors.set(slot, tf.keep(tensors[index]!));
    }
  }

  #stateOf(parameter: Parameter): ParameterState {
    let state = this.#state.get(parameter.name);
    if (!state) {
      const tf = tensorflow();
      const filled = (slot: Slot) => tf.keep(tf.fill([...parameter.layout.shape], this.rule.initial(slot)));
      state = { step: 0, tensors: new Map(this.rule.slots.map((slot) => [slot, filled(slot)])) };
      this.#state.set(parameter.name, state);
    }
    return state;
  }

  stateDict(): OptimizerState {
    const entries = this.parameters.flatMap((parameter) => {
      const state = this.#state.get(parameter.name);
      if (!state) return [];
      const tensors = new Map([...state.tensors].map(([slot, tensor]) => [slot, parameter.toTorch(tensor)]));
      return [[parameter.name, { step: state.step, tensors }] as const];
    });
    return new Map(entries);
  }

  loadStateDict(dict: OptimizerState): void {
    this.dispose();
    for (const parameter of this.parameters) {
      const saved = dict.get(parameter.name);
      if (!saved) continue;
      const tensors = this.rule.slots.map((slot) => {
        return [slot, tensorflow().keep(parameter.fromTorch(saved.tensors.get(slot)!))] as const;
      });
      this.#state.set(parameter.name, { step: saved.step, tensors: new Map(tensors) });
    }
  }

  dispose(): void {
    for (const { tensors } of this.#state.values()) for (const tensor of tensors.values()) tensor.dispose();
    this.#state.clear();
  }
}

function mapValues<V, R>(record: Record<string, V>, map: (value: V) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
