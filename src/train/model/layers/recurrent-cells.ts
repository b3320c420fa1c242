import { sigmoid, tanh } from '../../backend/kernels/activations.js';
import { biasAdd } from '../../backend/kernels/bias-add.js';
import { matMul } from '../../backend/kernels/mat-mul.js';
import { type Recurrence, recur } from '../../backend/kernels/recurrent.js';
import { type Tensor, tensorflow } from '../../backend/tensorflow.js';
import type { Parameter } from '../parameter.js';

/** The weights of all gates together, for the input or for the state. */
export interface Gates {
  readonly weight: Parameter;
  readonly bias: Parameter | null;
}

/** What happens in one step. */
interface Cell {
  /** How many gates its weights are made of. */
  readonly gates: number;
  /** How many tensors it carries from step to step; the first is the state. */
  readonly carries: number;
  /**
   * @param input the input's part of all gates, [batch, gates x hidden]
   * @param state the state's part
   * @param carried from the step before
   * @returns what is carried to the next
   */
  step(input: Tensor, state: Tensor, carried: readonly Tensor[]): readonly Tensor[];
}

/**
 * Gated recurrent unit; gates in PyTorch's order r, z, n.
 *
 *     r = sigmoid(W_ir x + b_ir + W_hr h + b_hr)         reset
 *     z = sigmoid(W_iz x + b_iz + W_hz h + b_hz)         update
 *     n = tanh(W_in x + b_in + r (W_hn h + b_hn))        new
 *     h = (1 - z) n + z h
 *
 * Keras's default is the same (reset_after), its gates stand in the order z, r, n.
 */
const gru: Cell = {
  gates: 3,
  carries: 1,
  step: (input, state, [h]) => {
    const tf = tensorflow();
    const hidden = h!.shape[1]!;
    const sizes = [2 * hidden, hidden];
    const [inputGates, inputNew] = tf.split(input, sizes, 1);
    const [stateGates, stateNew] = tf.split(state, sizes, 1);
    const [r, z] = tf.split(sigmoid(tf.add(inputGates!, stateGates!)), 2, 1);
    const n = tanh(tf.add(inputNew!, tf.mul(r!, stateNew!)));
    return [tf.add(n, tf.mul(z!, tf.sub(h!, n)))];
  },
};

/**
 * Long short-term memory; gates in PyTorch's order i, f, g, o.
 *
 *     i, f, o = sigmoid(W_i x + b_i + W_h h + b_h)       input, forget, output, each with weights of its own
 *     g = tanh(W_ig x + b_ig + W_hg h + b_hg)            cell
 *     c = f c + i g
 *     h = o tanh(c)
 *
 * Keras adds 1 to the forget gate's first bias; PyTorch, and so this, does not.
 */
const lstm: Cell = {
  gates: 4,
  carries: 2,
  step: (input, state, [, c]) => {
    const tf = tensorflow();
    const [i, f, g, o] = tf.split(tf.add(input, state), 4, 1);
    const cell = tf.add(tf.mul(sigmoid(f!), c!), tf.mul(sigmoid(i!), tanh(g!)));
    return [tf.mul(sigmoid(o!), tanh(cell)), cell];
  },
};

export const CELLS = { gru, lstm } as const;

/**
 * Lets a cell go along sequences, all steps in one op.
 *
 * @param x [batch, length, features]
 * @param of the gates of the input and of the state
 * @param recurrence which cell, and which way
 * @returns [batch, hidden] or [batch, length, hidden], in the order of the input
 */
export function goAlong(x: Tensor, of: { input: Gates; state: Gates }, recurrence: Recurrence): Tensor {
  const tf = tensorflow();
  const [batch, length, features] = x.shape as [number, number, number];
  // The input's part of all steps in one product.
  const rows = matMul(tf.reshape(x, [batch * length, features]), of.input.weight.data);
  const parts = tf.reshape(rows, [batch, length, rows.shape[1]!]);
  const biases = of.input.bias && of.state.bias && ([of.input.bias.data, of.state.bias.data] as const);
  return recur(parts, of.state.weight.data, biases, recurrence);
}

/**
 * The same step by step, in ops that every TensorFlow has.
 *
 * @param x [batch, length, features]
 * @param of the gates of the input and of the state
 * @param recurrence which cell, and which way
 * @returns [batch, hidden] or [batch, length, hidden], in the order of the input
 */
export function goStepByStep(
  x: Tensor,
  of: { input: Gates; state: Gates },
  { cell, backwards, output }: Recurrence,
): Tensor {
  const tf = tensorflow();
  const [batch, length, features] = x.shape as [number, number, number];
  const rows = project(tf.reshape(x, [batch * length, features]), of.input);
  const inputs = tf.unstack(tf.reshape(rows, [batch, length, rows.shape[1]!]), 1);
  const { gates, carries, step } = CELLS[cell];
  const zeros = tf.zeros([batch, rows.shape[1]! / gates]);
  const states: Tensor[] = [];
  let carried: readonly Tensor[] = Array<Tensor>(carries).fill(zeros);
  for (const input of backwards ? inputs.toReversed() : inputs) {
    carried = step(input, project(carried[0]!, of.state), carried);
    states.push(carried[0]!);
  }
  if (output === 'last') return states.at(-1)!;
  return tf.stack(backwards ? states.toReversed() : states, 1);
}

/** x weight^T + bias, for all gates at once. */
function project(x: Tensor, { weight, bias }: Gates): Tensor {
  const product = matMul(x, weight.data);
  return bias ? biasAdd(product, bias.data) : product;
}
