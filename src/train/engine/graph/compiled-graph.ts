import type { Output } from './graph-def.js';
import type { VariableStore } from './variable-store.js';

/** Sizes of the batches that a graph is for: tensors in a graph have fixed shapes. */
export interface BatchSizes {
  readonly train: readonly number[];
  readonly evaluate: readonly number[];
}

/** What can be computed of a batch of one size; each output is read by `readResult`. */
export interface TrainOutputs {
  /** Forward alone; the running statistics move. */
  readonly forward: Output;
  /** Forward and backward; the gradients replace those before, or are added to them. */
  readonly backward: Readonly<Record<'replace' | 'add', Output>>;
  /** The same after `forward`, which has moved the running statistics already. */
  readonly backwardAgain: Readonly<Record<'replace' | 'add', Output>>;
  /** zeroGrad, backward, clip and step in one. */
  readonly step: Output;
  /** `backward` that replaces, whatever the loss is, with the gradients before the result; null where none is asked for. */
  readonly vector: Output | null;
}

/** What is done with a step that is fed as a vector. */
export interface WrittenOutputs {
  /** Its gradients replace those that are there. */
  readonly gradients: Output;
  /** The same, clip and step in one. */
  readonly step: Output;
}

/** What the error says that keeps a step from being made. */
export const NOT_FINITE = 'the loss is not finite';

/** A compiled graph: its variables in their session, and what can be run there. */
export interface CompiledGraph {
  readonly store: VariableStore;
  readonly train: ReadonlyMap<number, TrainOutputs>;
  readonly evaluate: ReadonlyMap<number, Output>;
  /** Clips the gradients that are there. */
  readonly clip: Output;
  /** Steps with the gradients that are there. */
  readonly step: Output;
  /** null where none is asked for. */
  readonly written: WrittenOutputs | null;
  /** Keeps the parameters as they are, and says what has become of them since: see `squaresOf`. */
  readonly remember: Output;
  readonly figures: Output;
  /** For each tensor of the model's state, in order, whether it is finite. */
  readonly finite: Output;
}
