import type { LoopParts } from '../loop.js';
import { type RecordedStep, restore } from './record.js';

/** What was tried out on a step: none of it is part of training. */
export interface Trials {
  /** The loss of the same batches, with the same dropout: before the step and after it. */
  readonly loss: { readonly before: number; readonly after: number };
  /** The gradient by hand: the loss with the subject a little larger and a little smaller. */
  readonly nudge: { readonly by: number; readonly up: number; readonly down: number; readonly slope: number };
  /** `.grad` after a backward without zero_grad before it: what it was, and what is added. */
  readonly unzeroed: { readonly was: number; readonly becomes: number; readonly isOfStepBefore: boolean };
}

/** So far the subject is moved. Less drowns in what float32 rounds off, more leaves the straight line. */
const NUDGE = 0.01;

/**
 * Tries out what a step shows, with the program that made it. Model and optimizer are anywhere afterwards.
 *
 * @param parts what was trained
 * @param step the step, just made
 * @returns what came of it
 */
export function tryOut(parts: LoopParts, step: RecordedStep): Trials {
  const { batches, divisor, before, subject, grad } = step;
  const { program, optimizer } = parts;
  const { parameter, index } = subject;
  const loss = () => batches.reduce((sum, batch) => sum + program.loss(batch, divisor).item(), 0);
  const backward = () => {
    for (const batch of batches) program.loss(batch, divisor).backward();
  };
  const after = loss();

  const values = before.state.get(parameter) as Float32Array;
  const at = (change: number): number => {
    restore(parts, before);
    parameter.load(values.with(index, values[index]! + change));
    return loss();
  };
  const [up, down] = [at(NUDGE), at(-NUDGE)];

  restore(parts, before);
  optimizer.zeroGrad();
  backward();
  if (grad.before !== null) parameter.grad = parameter.fromTorch(grad.before);
  const was = parameter.gradient()![index]!;
  backward();
  const becomes = parameter.gradient()![index]!;
  return {
    loss: { before: step.result.batches.reduce((sum, { total }) => sum + total, 0) / divisor, after },
    nudge: { by: NUDGE, up, down, slope: (up - down) / (2 * NUDGE) },
    unzeroed: { was, becomes, isOfStepBefore: grad.before !== null },
  };
}
