import { setImmediate as nextTurn } from 'node:timers/promises';
import { LossnetError, UsageError } from '../../base/errors.js';
import { plural } from '../../base/format.js';
import { shellWord } from '../../base/printable.js';
import { initialize, type Run } from '../../config/index.js';
import { newProgress, type Progress } from '../../train/progress.js';
import { overBy, type Stopped } from '../../train/stopping.js';
import { Trainer } from '../../train/trainer.js';
import type { RunFolder } from '../store/folder.js';
import { isStopped, tell } from '../surroundings.js';
import { checkResumable } from '../train/resume.js';
import type { ExplainOptions, Explanation } from './result.js';
import type { ExplainSource } from './source.js';

/** Where a run stands, right before the step that is wanted. */
export interface Reached {
  readonly progress: Progress;
  readonly from: Explanation['step']['from'];
  /** How many steps the run has: fewer than were planned where it ended early. */
  readonly ofSteps: number;
}

/** What takes less needs no word. */
const QUIET_SECONDS = 1;

/**
 * Brings a model to where a step is to be made: to the run's checkpoint, or on from it, or from the first weights. What is trained on
 * the way are real steps of the real trainer, which writes nothing. A run that is over has no next step: its last one is made again.
 *
 * @param source what is trained
 * @param run its parts, as yet without values
 * @param total how many steps the whole run was to have
 * @param options which step; told how far it has come; stops it
 * @returns where it stands; null when it was told to stop
 * @throws UsageError when the run has no such step, or its checkpoint is missing; LossnetError when that is damaged, or the run
 * diverges on the way
 */
export async function reach(
  { plan, folder }: ExplainSource,
  run: Run,
  total: number,
  options: ExplainOptions,
): Promise<Reached | null> {
  const saved = folder === null ? null : (run.parts.checkpoints?.read() ?? null);
  const over = saved === null ? null : overBy(saved, run.options);
  const ofSteps = saved !== null && over !== null ? saved.step : total;
  const step = options.step ?? (over === null ? undefined : ofSteps);
  if (step !== undefined && step > ofSteps) {
    if (over === 'early_stopping' || over === 'max_time')
      throw endedEarly(step, ofSteps, over, folder !== null);
    const { epochs } = run.options;
    const made = ofSteps === total ? ` (${plural(epochs, 'epoch')} of ${total / epochs})` : '';
    throw new UsageError(
      'LOSSNET_USAGE',
      `step ${step} is beyond the run, which has ${ofSteps}${made}.`,
      `Name one from 1 to ${ofSteps}${folder === null ? ', or set epochs higher' : ''}.`,
    );
  }
  const isBefore = saved !== null && (step === undefined || saved.step < step);
  if (saved === null && step === undefined && folder !== null) {
    refuseLost(folder);
    const text = `Nothing was saved yet in ${folder.path}: this is its first step.`;
    tell(options, { type: 'note', text });
  }
  if (saved === null || !isBefore) {
    initialize(plan);
    run.parts.optimizer.loadStateDict(new Map());
  }
  const progress = saved !== null && isBefore ? saved : newProgress(run.parts.program.task);
  const from: Reached['from'] =
    saved !== null && isBefore ? { kind: 'checkpoint', step: saved.step } : { kind: 'weights' };
  const target = step === undefined ? progress.step : step - 1;
  const isThere = () => progress.step === target && progress.batch < run.parts.loader.length;
  if (!isThere() && !(await trainTo(isThere, target, run, progress, options, folder !== null))) return null;
  if (step !== undefined && overBy(progress, { ...run.options, maxTime: null }) === 'early_stopping')
    throw endedEarly(step, progress.step, 'early_stopping', folder !== null);
  return { progress, from, ofSteps };
}

/** A run that was saved and has lost its checkpoint stands nowhere; the steps before it can still be named. */
function refuseLost(folder: RunFolder): void {
  try {
    checkResumable(folder);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(
      error.code,
      `${folder.path} was saved before, and its checkpoint is missing: ${folder.path}/checkpoints/resume.safetensors.`,
      `Put it back; or name a step, which is trained up to from the first weights: lossnet explain ${shellWord(folder.path)} --step 1`,
    );
  }
}

/** @returns false: it was told to stop */
async function trainTo(
  isThere: () => boolean,
  target: number,
  { parts, options: trainerOptions }: Run,
  progress: Progress,
  options: ExplainOptions,
  isRun: boolean,
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
    if (event.type === 'end') throw endedEarly(target + 1, progress.step, 'early_stopping', isRun);
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

function endedEarly(step: number, last: number, by: Stopped, isRun: boolean): UsageError {
  const what = by === 'early_stopping' ? 'early stopping' : 'max_time';
  return new UsageError(
    'LOSSNET_USAGE',
    `step ${step} is beyond the run: ${what} ${isRun ? 'ended' : 'ends'} it after step ${last}.`,
    `Name one from 1 to ${last}${isRun ? '' : `, or set ${by} to null`}.`,
  );
}
