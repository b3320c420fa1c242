import { sigmoid, tanh } from '../../backend/kernels/activations.js';
import { biasAdd } from '../../backend/kernels/bias-add.js';
import { matMul } from '../../backend/kernels/mat-mul.js';
import { type Tensor, tensorflow } from '../../backend/tensorflow.js';
import type { Parameter } from '../parameter.js';

/** The weights of all gates together, for the input or for the state. */
export interface Gates {
  readonly weight: Parameter;
  readonly bias: Parameter | null;
}

/** What happens in one step. */
export interface Cell {
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

/** x weight^T + bias, for all gates at once. */
export function project(x: Tensor, { weight, bias }: Gates): Tensor {
  const product = matMul(x, weight.data);
  return bias ? biasAdd(product, bias.data) : product;
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
