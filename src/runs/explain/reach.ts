import { setImmediate as nextTurn } from 'node:timers/promises';
import { LossnetError, UsageError } from '../../base/errors.js';
import { initialize, type Run } from '../../config/index.js';
import { newProgress, type Progress } from '../../train/progress.js';
import { overBy } from '../../train/stopping.js';
import { Trainer } from '../../train/trainer.js';
import { isStopped, tell } from '../surroundings.js';
import type { ExplainOptions, Explanation } from './result.js';
import type { ExplainSource } from './source.js';

/** Where a run stands, right before the step that is wanted. */
export interface Reached {
  readonly progress: Progress;
  readonly from: Explanation['step']['from'];
}

/** What takes less needs no word. */
const QUIET_SECONDS = 1;

/**
 * Brings a model to where a step is to be made: to the run's checkpoint, or on from it, or from the first weights. What is trained on
 * the way are real steps of the real trainer, which writes nothing.
 *
 * @param source what is trained
 * @param run its parts, as yet without values
 * @param total how many steps the whole run has
 * @param options which step; told how far it has come; stops it
 * @returns where it stands; null when it was told to stop
 * @throws UsageError when the run has no such step; LossnetError when its checkpoint is damaged, or it diverges on the way
 */
export async function reach(
  { plan, folder }: ExplainSource,
  run: Run,
  total: number,
  options: ExplainOptions,
): Promise<Reached | null> {
  const { step } = options;
  const saved = folder === null ? null : (run.parts.checkpoints?.read() ?? null);
  if (step !== undefined && step > Math.max(total, (saved?.step ?? 0) + 1)) {
    const { epochs } = run.options;
    const made = `${epochs} ${epochs === 1 ? 'epoch' : 'epochs'} of ${total / epochs}`;
    throw new UsageError(
      'LOSSNET_USAGE',
      `step ${step} is beyond the run, which has ${total} (${made}).`,
      `Name one from 1 to ${total}${folder === null ? ', or set epochs higher' : ''}.`,
    );
  }
  const isBefore = saved !== null && (step === undefined || saved.step < step);
  if (saved === null || !isBefore) {
    initialize(plan);
    run.parts.optimizer.loadStateDict(new Map());
  }
  const progress = saved !== null && isBefore ? saved : newProgress(run.parts.program.task);
  const from: Reached['from'] =
    saved !== null && isBefore ? { kind: 'checkpoint', step: saved.step } : { kind: 'weights' };
  if (folder !== null && saved === null && step === undefined) {
    const text = `Nothing was saved yet in ${folder.path}: this is its first step.`;
    tell(options, { type: 'note', text });
  }
  const target = step === undefined ? progress.step : step - 1;
  const isThere = () => progress.step === target && progress.batch < run.parts.loader.length;
  if (!isThere() && !(await trainTo(isThere, target, run, progress, options))) return null;
  if (step !== undefined && overBy(progress, { ...run.options, maxTime: null }) === 'early_stopping')
    throw stoppedEarly(step, progress);
  return { progress, from };
}

/** @returns false: it was told to stop */
async function trainTo(
  isThere: () => boolean,
  target: number,
  { parts, options: trainerOptions }: Run,
  progress: Progress,
  options: ExplainOptions,
): Promise<boolean> {
  // Evaluated where the steps depend on it, and only there.
  const follows = trainerOptions.scheduleMonitor !== null || trainerOptions.earlyStopping !== null;
  const trainer = new Trainer(
    {
      ...parts,
      ...{
        evalLoader: follows ? parts.evalLoader : null,
        testLoader: null,
        checkpoints: null,
        watchEvery: null,
      },
    },
    { ...trainerOptions, maxTime: null, checkpointEverySteps: null, diagnosis: null },
    progress,
    new AbortController().signal,
  );
  const first = progress.step;
  const what = `Training to step ${target + 1}`;
  // From the first step on: what comes before it, such as compiling, is no training.
  let began: number | undefined;
  let isTold = false;
  for (const event of trainer.run()) {
    if (event.type === 'diverged') throw divergedAt(progress.step + 1, event.tensor);
    if (event.type === 'end') throw stoppedEarly(target + 1, progress);
    isTold ||= began !== undefined && performance.now() - began > QUIET_SECONDS * 1000;
    began ??= performance.now();
    if (isTold && event.type === 'step')
      tell(options, { type: 'prepare', what, done: progress.step - first, total: target - first });
    if (isThere()) return true;
    await nextTurn();
    if (isStopped(options)) return false;
  }
  throw new Error('the trainer ended without an end event');
}

/** A step that cannot be shown, since its loss is not finite. */
export class DivergedError extends LossnetError {}

export function divergedAt(step: number, tensor: string): DivergedError {
  return new DivergedError(
    'LOSSNET_EXPLAIN_DIVERGED',
    `The loss of step ${step} is not a finite number, so there are no gradients. The first tensor that is not finite: ${tensor}.`,
    'Name an earlier step, or lower the learning rate.',
  );
}

function stoppedEarly(step: number, progress: Progress): UsageError {
  return new UsageError(
    'LOSSNET_USAGE',
    `step ${step} is beyond the run: early stopping ends it after step ${progress.step}.`,
    `Name one from 1 to ${progress.step}, or set early_stopping to null.`,
  );
}
