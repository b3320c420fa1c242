import { differentiable } from '../differentiable.js';
import { type Attribute, runOp } from '../ops.js';
import { type Tensor, tensorflow } from '../tensorflow.js';
import { product } from './mat-mul.js';

/** What goes along a sequence, and how. */
export interface Recurrence {
  readonly cell: 'gru' | 'lstm';
  /** Whether it begins at the end. */
  readonly backwards: boolean;
  /** The state after its last step, or after each. */
  readonly output: 'last' | 'all';
}

/** What each op gives besides the state, for the way back: the states before each step, the gates, and what the cell keeps. */
const KEPT = 3;

// Ops of lossnet's own: see native/cc/recurrent.cc.
const NAMES = { gru: 'LossnetGru', lstm: 'LossnetLstm' } as const;

const attributesOf = ({ backwards, output }: Recurrence): Record<string, Attribute> => ({
  backwards: { bool: backwards },
  all: { bool: output === 'all' },
});

function forward(inputs: readonly Tensor[], recurrence: Recurrence, kept: number): [Tensor, ...Tensor[]] {
  const counts = { B: { int: inputs.length - 2 }, K: { int: kept } };
  return runOp(NAMES[recurrence.cell], { ...attributesOf(recurrence), ...counts }, inputs, 1 + kept);
}

function backward(dy: Tensor, saved: readonly Tensor[], recurrence: Recurrence): (() => Tensor)[] {
  const [before, gates, kept] = saved.slice(-KEPT) as [Tensor, Tensor, Tensor];
  const op = `${NAMES[recurrence.cell]}Grad`;
  const inputs = [dy, saved[1]!, before, gates, kept];
  // Not in thunks, which would free what the others are to give. An LSTM adds up both parts of the gates: their gradients are one.
  const isOne = recurrence.cell === 'lstm';
  const [input, inputBias, ofState, ofStateBias] = runOp(op, attributesOf(recurrence), inputs, isOne ? 2 : 4);
  const [state, stateBias] = [ofState ?? input, ofStateBias ?? inputBias!.clone()];
  const rows = (x: Tensor) => tensorflow().reshape(x, [-1, x.shape.at(-1)!]);
  return [
    () => input,
    // One product over all steps, not a sum of small ones, each as large as the weights.
    () => product(rows(before), rows(state), { a: true }),
    () => inputBias!,
    () => stateBias,
  ];
}

const plainKernel = differentiable<Recurrence>('Recurrence', 2, {
  forward: (inputs, recurrence) => forward(inputs, recurrence, KEPT),
  gradient: (dy, saved, recurrence) => backward(dy, saved, recurrence).slice(0, 2),
});

const biasedKernel = differentiable<Recurrence>('BiasedRecurrence', 4, {
  forward: (inputs, recurrence) => forward(inputs, recurrence, KEPT),
  gradient: backward,
});

/**
 * Goes along sequences with one cell, all steps in one op. The formulas are the cells': see model/layers/recurrent-cells.ts.
 *
 * @param input the input's part of all gates, without bias, [batch, length, gates x hidden]
 * @param weight of the state, [hidden, gates x hidden]
 * @param biases of the input's and of the state's part, [gates x hidden]; null: none
 * @param recurrence what goes along, and how
 * @returns the state [batch, hidden] after the last step, or [batch, length, hidden] after each, in the order of the input
 */
export function recur(
  input: Tensor,
  weight: Tensor,
  biases: readonly [Tensor, Tensor] | null,
  recurrence: Recurrence,
): Tensor {
  const inputs = [input, weight, ...(biases ?? [])];
  // Where no gradient is asked for, nothing is kept for it.
  if (!tensorflow().engine().isTapeOn()) return forward(inputs, recurrence, 0)[0];
  return (biases ? biasedKernel : plainKernel)(inputs, recurrence, 1 + KEPT)[0]!;
}
