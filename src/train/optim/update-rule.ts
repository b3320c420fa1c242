import type { Scalar, Tensor } from '../backend/tensorflow.js';
import type { Parameter } from '../model/parameter.js';

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

/** An optimizer's formula: what whoever carries its steps out has to know of it. */
export interface UpdateRule<Slot extends string, Coefficient extends string> {
  /** The tensors remembered per parameter, by PyTorch's names. */
  readonly slots: readonly Slot[];
  /** Learning rate of the next step, and its momentum (beta1); null: the optimizer has none. */
  readonly lr: number;
  readonly momentum: number | null;
  /**
   * The numbers of the formula that change from step to step.
   *
   * @param lr learning rate
   * @param t number of this update, counted from 1
   * @param momentum momentum or beta1; 0 for an optimizer without
   */
  coefficients(lr: number, t: number, momentum: number): Record<Coefficient, number>;
  /** What fills a slot before the first update. */
  initial(slot: Slot): number;
  /** One update of one parameter: pure, so that it can be executed or compiled. */
  next(input: UpdateInput<Slot, Coefficient>): UpdateOutput<Slot>;
}

/** Parameters that are updated alike: a group of `optimizer.param_groups`. */
export interface ParameterGroup<Slot extends string = string, Coefficient extends string = string>
  extends UpdateRule<Slot, Coefficient> {
  readonly parameters: readonly Parameter[];
}
