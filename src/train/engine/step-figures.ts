import { type Tensor, tensorflow } from '../backend/tensorflow.js';
import type { Parameter } from '../model/parameter.js';

/** What the last step did to one parameter: sums of squares, from which norms over several of them follow. */
export interface StepFigures {
  readonly parameter: Parameter;
  /** Of the gradient that the step used. */
  readonly grad: number;
  /** Of the values now, and before the step. */
  readonly data: number;
  readonly before: number;
  /** Of what changed. */
  readonly change: number;
}

/** How many numbers `squaresOf` gives. */
const SQUARES = 4;

/**
 * Pure, in tensors only, so that it can be executed or compiled.
 *
 * @param tensors of one parameter: its values now and before the step, and the gradient that the step used
 * @returns [4]: the sums of squares of the gradient, of the values now and before, and of the change
 */
export function squaresOf({ data, before, grad }: Record<'data' | 'before' | 'grad', Tensor>): Tensor {
  const tf = tensorflow();
  const each = [grad, data, before, tf.sub(data, before)];
  return tf.stack(each.map((tensor) => tf.sum(tf.square(tensor))));
}

/**
 * @param parameters the parameters
 * @param squares what `squaresOf` gave for each of them, one after the other
 * @returns the same by name
 */
export function namedFigures(parameters: readonly Parameter[], squares: ArrayLike<number>): StepFigures[] {
  return parameters.map((parameter, i) => {
    const [grad, data, before, change] = Array.from({ length: SQUARES }, (_, k) => squares[SQUARES * i + k]!);
    return { parameter, grad: grad!, data: data!, before: before!, change: change! };
  });
}
