import type { Progress } from './checkpoint.js';
import type { Program } from './engine/program.js';
import type { EvaluationResult } from './evaluate.js';
import type { EvaluationEvent, StepEvent } from './events.js';
import type { LoopStep } from './loop.js';
import { lossAsOneBatch } from './metrics.js';
import type { Waiting } from './parallel/waiting.js';

/**
 * What is told of a step that was made.
 *
 * @param step the step
 * @param progress of the run, the step counted
 * @param program what made it: how a batch's loss is reduced
 * @returns the event; its loss is that of all the step's batches as one
 */
export function stepEvent(
  { batches, lr, groupLrs, gradNorm }: LoopStep,
  { epoch, step, batch, tally }: Progress,
  { reduction }: Pick<Program, 'reduction'>,
): StepEvent {
  const own = { totalLoss: 0, divisor: 0 };
  for (const { total, divisor } of batches) {
    own.totalLoss += total;
    own.divisor += divisor;
  }
  return {
    type: 'step',
    epoch: epoch + 1,
    step,
    batch,
    loss: lossAsOneBatch(own, reduction),
    runningLoss: tally.runningLoss,
    lr,
    ...(groupLrs && { groupLrs }),
    gradNorm,
  };
}

/**
 * An evaluation, told batch by batch.
 *
 * @param evaluation yields the number of batches done after each
 * @param about what is evaluated, after which epoch, in how many batches; and whether the run is to end
 * @returns yields the events, and what is to be waited for; returns what the evaluation gave, or that it was not made to its end
 */
export function* evaluationEvents(
  evaluation: Waiting<number, EvaluationResult | null>,
  {
    part,
    epoch,
    batches,
    isStopped,
  }: Pick<EvaluationEvent, 'part' | 'epoch' | 'batches'> & { readonly isStopped: () => boolean },
): Waiting<EvaluationEvent, EvaluationResult | 'interrupted'> {
  let next = evaluation.next();
  while (!next.done) {
    if (next.value instanceof Promise) {
      yield next.value;
      next = evaluation.next();
      continue;
    }
    yield { type: 'evaluation', part, epoch, batch: next.value, batches };
    // Evaluation takes long on large sets: rather than finish it, repeat it on resume.
    if (isStopped()) return 'interrupted';
    next = evaluation.next();
  }
  return next.value ?? 'interrupted';
}
