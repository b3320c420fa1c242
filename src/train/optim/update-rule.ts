import type { Scalar, Tensor } from '../backend/tensorflow.js';
import type { FormulaLine, Symbols } from '../formula.js';
import type { Parameter } from '../model/parameter.js';

/** Is told what a line of the formula gives, by its name there, as soon as it is computed; gives it back as it is. */
export type Term = (name: string, value: Tensor) => Tensor;

/** What an update is made from; all tensors have the parameter's shape in the engine's order. */
export interface UpdateInput<Slot extends string, Coefficient extends string> {
  readonly data: Tensor;
  readonly grad: Tensor;
  /** The optimizer's memory of this parameter. */
  readonly state: Readonly<Record<Slot, Tensor>>;
  /** The numbers that change from step to step, as scalars. */
  readonly at: Readonly<Record<Coefficient, Scalar>>;
  /** Every line of the formula passes through it. */
  readonly term: Term;
}

/** Where a formula is written down: what changes from step to step. */
export interface StepPosition {
  readonly lr: number;
  /** Number of this update, counted from 1. */
  readonly t: number;
  /** Momentum or beta1; 0 for an optimizer without. */
  readonly momentum: number;
}

/** A line of an update: `term` is told what it gives, unless it is one of the coefficients. */
export type UpdateLine = FormulaLine & { readonly coefficient?: string };

/** An optimizer's formula in words: for showing a step, in the same lines in which `update` computes it. */
export interface UpdateFormula {
  /** The numbers in it that no line gives. */
  readonly symbols: Symbols;
  /** What its slots are called in it. */
  readonly slots: Readonly<Record<string, string>>;
  readonly lines: readonly UpdateLine[];
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
  /**
   * One update of one parameter: pure, so that it can be executed or compiled.
   *
   * @param input what it is made from
   * @param term is told of each line of the formula; default: nobody is
   */
  next(input: Omit<UpdateInput<Slot, Coefficient>, 'term'>, term?: Term): UpdateOutput<Slot>;
  /** The formula as it is at a step: its lines are those that `next` tells of, in the same order, and the coefficients. */
  formula(position: StepPosition): UpdateFormula;
}

/** Parameters that are updated alike: a group of `optimizer.param_groups`. */
export interface ParameterGroup<Slot extends string = string, Coefficient extends string = string>
  extends UpdateRule<Slot, Coefficient> {
  readonly parameters: readonly Parameter[];
}
