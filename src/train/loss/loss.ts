import type { Tensor } from '../backend/tensorflow.js';

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
}

/** Of values. */
export interface ValueLoss extends CommonLoss {
  readonly takes: 'values';
  /** Every sample counts. */
  readonly ignoreIndex: null;
  /**
   * @param outputs how many values a sample has
   * @returns what each sample adds to what a mean is divided by
   */
  weight(outputs: number): number;
}
