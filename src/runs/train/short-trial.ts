import { buildRun, initialize, planRun, type ResolvedConfig } from '../../config/index.js';
import type { KeptGraphs } from '../../train/engine/graph/kept-graphs.js';
import { trainEpoch } from '../../train/loop.js';
import { isStopped, type Surroundings } from '../surroundings.js';
import { type Load, prepare } from './prepare.js';

/** How long a run takes, by a short trial. */
export interface RunTime {
  /** Until its first step: its model is built, its graph there. */
  readonly startSeconds: number;
  /** An epoch, and its share of evaluations. */
  readonly epochSeconds: number;
}

/** Steps are timed until so much has gone by. */
const ENOUGH_SECONDS = 0.3;

/**
 * Makes some steps of a run, and evaluates a batch, to find out how long it takes. Writes nothing.
 *
 * @param resolved the run
 * @param surroundings told what takes long; its signal stops it
 * @param kept data and graphs that are there already, and that runs to come will find there
 * @returns the time; null when it was told to stop
 * @throws ConfigError, LossnetError when something cannot be
 */
export async function shortTrial(
  resolved: ResolvedConfig,
  surroundings: Surroundings,
  { load, graphs }: { readonly load: Load; readonly graphs: KeptGraphs },
): Promise<RunTime | null> {
  const plan = planRun(resolved);
  const data = await prepare(plan, surroundings, { load });
  if (data === null) return null;
  const began = performance.now();
  const { parts, options } = buildRun(plan, data, null, null, graphs);
  try {
    initialize(plan);
    const startSeconds = secondsSince(began);
    const steps = trainEpoch(parts, 0, { batch: 0, step: 0 });
    const stepSeconds = secondsOfOne(() => {
      if (isStopped(surroundings)) return false;
      const { done, value } = steps.next();
      return done !== true && value.diverged === null;
    });
    const batch = parts.evalLoader?.epoch(0).next().value;
    const evaluated = batch && secondsOfOne(() => Number.isFinite(parts.program.evaluate(batch).total));
    if (isStopped(surroundings)) return null;
    const perStep = Math.max(1, parts.accumulate);
    const batches = (parts.evalLoader?.length ?? 0) / Math.max(1, options.evaluateEvery);
    return {
      startSeconds,
      epochSeconds: (stepSeconds * parts.loader.length) / perStep + (evaluated ?? 0) * batches,
    };
  } finally {
    parts.program.dispose();
    parts.optimizer.dispose();
    plan.model.dispose();
  }
}

/**
 * How long something takes that takes longer the first time, which counts only where that was long already.
 *
 * @param make does it once; false: there is no more of it
 */
function secondsOfOne(make: () => boolean): number {
  const before = performance.now();
  const goesOn = make();
  const first = secondsSince(before);
  if (!goesOn || first > ENOUGH_SECONDS) return first;
  const began = performance.now();
  let times = 0;
  while (secondsSince(began) < ENOUGH_SECONDS && make()) times++;
  return times === 0 ? first : secondsSince(began) / times;
}

const secondsSince = (began: number): number => (performance.now() - began) / 1000;
