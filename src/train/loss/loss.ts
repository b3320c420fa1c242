import type { Tensor } from '../backend/tensorflow.js';
import type { FormulaLine, Symbols } from '../formula.js';

/** How the losses of a batch become one number. */
export type Reduction = 'mean' | 'sum';

/** Targets of some samples, one after the other, as a batch has them. */
export type Targets = Int32Array | Float32Array;

/** How a loss takes its targets: as indices of classes, or as values that outputs are compared with. */
export type Encoding = 'classes' | 'values';

/**
 * How a loss makes probabilities of the outputs for a sample's classes. `softmax`: one of the classes is right; of
 * log-probabilities it gives them back. `sigmoids`: each class is a yes or no of its own.
 */
export type Probabilities = 'softmax' | 'sigmoids';

/**
 * From what the model says and what is right to one number: a sum over the samples, and for a mean what it is divided by.
 * The two travel apart, so that batches, accumulated ones too, add up to what one large batch would give:
 *
 *     sum:  sum of rows[i]
 *     mean: sum of rows[i] / sum of weight[i]
 *
 * What targets are is the task's business: it brings them into the encoding that the loss takes.
 */
export type LossFunction = (ClassLoss | ValueLoss) & {
  /** null: outputs are no probabilities to it. */
  readonly probabilities: Probabilities | null;
};

/** How a loss came about, for showing it. */
export interface LossFormula {
  /** The numbers in it that no line gives. */
  readonly symbols: Symbols;
  /** The last one is the loss, whose value is what `rows` or `each` gave; the others have theirs. */
  readonly lines: readonly (FormulaLine & { readonly value?: number })[];
}

interface CommonLoss {
  readonly reduction: Reduction;
  /**
   * @param outputs what the model says, [batch, outputs]
   * @param targets what is right: class indices [batch], int32, or values [batch, outputs], float32
   * @returns [batch]: what each sample adds to the sum; gradients flow to the outputs
   */
  rows(outputs: Tensor, targets: Tensor): Tensor;
}

/** Of class indices. */
export interface ClassLoss extends CommonLoss {
  readonly takes: 'classes';
  /** The class whose samples do not count; one that no sample is of: all do. */
  readonly ignoreIndex: number;
  /**
   * @param target the right class index of a sample
   * @returns what the sample adds to what a mean is divided by; 0: it does not count
   */
  weight(target: number): number;
  /**
   * @param outputs what the model says of a sample, [outputs]
   * @param target its right class index
   * @returns the loss of the sample, written out. TensorFlow must be loaded
   */
  formula(outputs: Float32Array, target: number): LossFormula;
}

/** Of values. */
export interface ValueLoss extends CommonLoss {
  readonly takes: 'values';
  /** Every sample counts. */
  readonly ignoreIndex: null;
  /** What each output adds, [batch, outputs]: `rows` is its sum over the outputs. */
  each(outputs: Tensor, targets: Tensor): Tensor;
  /**
   * @param outputs how many values a sample has
   * @returns what each sample adds to what a mean is divided by
   */
  weight(outputs: number): number;
  /**
   * @param output what the model says of a sample
   * @param target what would be right
   * @param index which of its outputs it is
   * @returns what this output adds, written out
   */
  formula(output: number, target: number, index: number): LossFormula;
}
