import { type Tensor, tensorflow } from '../backend/tensorflow.js';
import type { Parameter } from '../model/parameter.js';
import { type ClipOptions, clipGradients } from './clip.js';
import type { ParameterGroup, Term, UpdateInput, UpdateOutput } from './update-rule.js';

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
export class EagerHome implements OptimizerHome {
  readonly #state = new Map<string, ParameterState>();
  #gradNorm: number | null = null;

  /** @param groups whose slots and options are read at each step: they may not be there yet when this is made */
  constructor(private readonly groups: readonly ParameterGroup[]) {}

  zeroGrad(): void {
    for (const parameter of this.#parameters) parameter.zeroGrad();
  }

  clipGradients(options: ClipOptions): void {
    this.#gradNorm = clipGradients(this.#parameters, options);
  }

  gradNorm(): number | null {
    return this.#gradNorm;
  }

  step(): void {
    for (const group of this.groups) {
      for (const parameter of group.parameters)
        if (parameter.grad) this.#stepOne(group, parameter, parameter.grad);
    }
  }

  get #parameters(): Parameter[] {
    return this.groups.flatMap(({ parameters }) => parameters);
  }

  #stepOne(rule: ParameterGroup, parameter: Parameter, grad: Tensor): void {
    const tf = tensorflow();
    const state = this.#stateOf(rule, parameter);
    state.step += 1;
    const output = tf.tidy(() => {
      const { data, state: next } = updateOnce(rule, state.step, {
        data: parameter.data,
        grad,
        state: Object.fromEntries(state.tensors),
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

  #stateOf(rule: ParameterGroup, parameter: Parameter): ParameterState {
    let state = this.#state.get(parameter.name);
    if (!state) {
      const tf = tensorflow();
      const filled = (slot: string) => tf.keep(tf.fill([...parameter.layout.shape], rule.initial(slot)));
      state = { step: 0, tensors: new Map(rule.slots.map((slot) => [slot, filled(slot)])) };
      this.#state.set(parameter.name, state);
    }
    return state;
  }

  stateDict(): OptimizerState {
    const entries = this.#parameters.flatMap((parameter) => {
      const state = this.#state.get(parameter.name);
      if (!state) return [];
      const tensors = new Map([...state.tensors].map(([slot, tensor]) => [slot, parameter.toTorch(tensor)]));
      return [[parameter.name, { step: state.step, tensors }] as const];
    });
    return new Map(entries);
  }

  loadStateDict(dict: OptimizerState): void {
    this.dispose();
    for (const { parameters, slots } of this.groups) {
      for (const parameter of parameters) {
        const saved = dict.get(parameter.name);
        if (!saved) continue;
        const tensors = slots.map((slot) => {
          return [slot, tensorflow().keep(parameter.fromTorch(saved.tensors.get(slot)!))] as const;
        });
        this.#state.set(parameter.name, { step: saved.step, tensors: new Map(tensors) });
      }
    }
  }

  dispose(): void {
    for (const { tensors } of this.#state.values()) for (const tensor of tensors.values()) tensor.dispose();
    this.#state.clear();
  }
}

/**
 * One update of one parameter, one op at a time.
 *
 * @param rule of the parameter's group, with its learning rate and momentum
 * @param t number of this update, counted from 1
 * @param tensors the parameter, its gradient and the optimizer's memory of it
 * @param term is told of each line of the formula; default: nobody is
 * @returns what they become; to be called within a tidy
 */
export function updateOnce(
  rule: ParameterGroup,
  t: number,
  tensors: Pick<UpdateInput<string, string>, 'data' | 'grad' | 'state'>,
  term?: Term,
): UpdateOutput<string> {
  const numbers = rule.coefficients(rule.lr, t, rule.momentum ?? 0);
  const at = mapValues(numbers, (value) => tensorflow().scalar(value));
  return rule.next({ ...tensors, at }, term);
}

function mapValues<V, R>(record: Record<string, V>, map: (value: V) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
