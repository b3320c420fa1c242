import { tensorflow } from '../backend/tensorflow.js';
import type { Parameter } from '../model/parameter.js';
import type { Setting } from '../schedule/index.js';
import type { ClipOptions } from './clip.js';
import { EagerHome, type OptimizerHome, type OptimizerState } from './home.js';
import type {
  ParameterGroup,
  StepPosition,
  Term,
  UpdateFormula,
  UpdateInput,
  UpdateLine,
  UpdateOutput,
} from './update-rule.js';

/** What every optimizer is told. */
export interface CommonOptions {
  /** Learning rate: the size of a step. */
  readonly lr: number;
  /** Whether the loss is to grow rather than to shrink. */
  readonly maximize: boolean;
}

const untold: Term = (_, value) => value;

/** What comes first where the loss is to grow. */
const TURNED: UpdateLine = { gives: 'g', formula: '-g', says: 'maximize: the loss is to grow' };

/** The same line for all optimizers whose weight decay is part of the gradient. */
export const DECAYED: UpdateLine = {
  gives: 'g',
  formula: 'g + weight_decay * p',
  says: 'weight decay: a pull towards zero',
};

/** A group of parameters besides those that an optimizer was made with. */
export interface FurtherGroup {
  /** Whose learning rate it has: 0, the optimizer's own; from 1 on, that of `Setting.groupLrs`. */
  readonly index: number;
  /** One of the same kind, with the parameters and the options of the group. */
  readonly optimizer: Optimizer;
}

/**
 * The three operations of the loop on its parameters, and its memory, keyed by parameter name. A subclass is its formula:
 * which tensors it remembers, which numbers change from step to step, and one pure update.
 */
export abstract class Optimizer<Slot extends string = string, Coefficient extends string = string>
  implements ParameterGroup<Slot, Coefficient>
{
  readonly #maximize: boolean;
  #home: OptimizerHome;
  #further: readonly FurtherGroup[] = [];
  /** Learning rate of the next step; a schedule sets it before each. */
  lr: number;

  /**
   * @param parameters what is trained, but for what further groups have
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
    this.#home = new EagerHome([this]);
  }

  abstract readonly slots: readonly Slot[];

  abstract coefficients(lr: number, t: number, momentum: number): Record<Coefficient, number>;

  /** What fills a slot before the first update. Default: 0. */
  initial(_slot: Slot): number {
    return 0;
  }

  /** The formula: one update of one parameter, in tensors only. */
  protected abstract update(input: UpdateInput<Slot, Coefficient>): UpdateOutput<Slot>;

  /** The formula in words: every line of `update`, in its order. */
  protected abstract lines(position: StepPosition): UpdateFormula;

  next(input: Omit<UpdateInput<Slot, Coefficient>, 'term'>, term: Term = untold): UpdateOutput<Slot> {
    // Before anything is added to it: weight decay pulls towards zero either way.
    const grad = this.#maximize ? term('g', tensorflow().neg(input.grad)) : input.grad;
    return this.update({ ...input, grad, term });
  }

  formula(position: StepPosition): UpdateFormula {
    const formula = this.lines(position);
    return this.#maximize ? { ...formula, lines: [TURNED, ...formula.lines] } : formula;
  }

  /**
   * PyTorch's `param_groups`: first the parameters that it was made with, under its own options, then the further ones, each
   * under those of its own. An optimizer without further groups is its only group.
   */
  get groups(): readonly ParameterGroup[] {
    return [this, ...this.#further.map(({ optimizer }) => optimizer)];
  }

  /**
   * Takes further groups, as `optimizer.add_param_group`, before the first step.
   *
   * @param further the groups
   * @returns this
   */
  withGroups(further: readonly FurtherGroup[]): this {
    this.#further = further;
    this.#home = new EagerHome(this.groups);
    return this;
  }

  /** Sets the learning rate of each group, and the momentum of all, for the steps to come. */
  set({ lr, momentum, groupLrs = [] }: Setting): void {
    for (const { index, optimizer } of [{ index: 0, optimizer: this }, ...this.#further]) {
      optimizer.lr = index === 0 ? lr : (groupLrs[index - 1] ?? lr);
      if (momentum !== null) optimizer.momentum = momentum;
    }
  }

  /** Has its operations carried out elsewhere from now on; its memory goes along. */
  moveTo(home: OptimizerHome): void {
    const memory = this.stateDict();
    this.#home.dispose();
    this.#home = home;
    home.loadStateDict(memory);
  }

  /** Clears every parameter's gradient, as `optimizer.zero_grad()`. */
  zeroGrad(): void {
    this.#home.zeroGrad();
  }

  /** Limits the gradients, when told to; see `clipGradients`. */
  clipGradients(options: ClipOptions): void {
    this.#home.clipGradients(options);
  }

  /** Norm of the gradients when they were last clipped, before that; null when they are not clipped. */
  get gradNorm(): number | null {
    return this.#home.gradNorm();
  }

  /** Updates every parameter that has a gradient, as `optimizer.step()`; changes nothing else but the memory. */
  step(): void {
    this.#home.step();
  }

  /** The memory of every parameter that has been updated. */
  stateDict(): OptimizerState {
    return this.#home.stateDict();
  }

  /**
   * The inverse of `stateDict`, for the same parameters and the same kind of optimizer.
   *
   * @throws Error when a parameter's state lacks one of this optimizer's tensors; nothing is changed then
   */
  loadStateDict(dict: OptimizerState): void {
    for (const { parameters, slots } of this.groups) {
      for (const parameter of parameters) {
        const saved = dict.get(parameter.name);
        const missing = saved && slots.find((slot) => saved.tensors.get(slot)?.length !== parameter.size);
        if (missing) throw new Error(`it lacks ${missing} of ${parameter.name}`);
      }
    }
    this.#home.loadStateDict(dict);
  }

  /** Frees the memory. */
  dispose(): void {
    this.#home.dispose();
  }
}
