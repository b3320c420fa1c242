import { buildRun, initialize, type Plan, planRun, type ResolvedConfig } from '../../config/index.js';
import { trainEpoch } from '../../train/loop.js';
import { type Surroundings, tell } from '../surroundings.js';
import { prepare } from './prepare.js';

/** What the first step of a run is like. */
export interface DryRun {
  readonly plan: Plan;
  /** Loss of the first step. */
  readonly loss: number;
  /** Loss of the first evaluation batch after it; null where nothing is evaluated. */
  readonly evalLoss: number | null;
  readonly stepSeconds: number;
  /** Whether the very first loss is not a finite number. */
  readonly diverged: boolean;
  readonly standsInFor: string | undefined;
}

/**
 * Builds everything, makes one step and evaluates one batch, and writes nothing.
 *
 * @param resolved what to try
 * @param surroundings told what takes long; its signal stops it
 * @returns what came of it; null when it was told to stop
 * @throws ConfigError, LossnetError when something cannot be
 */
export async function dryRun(
  resolved: ResolvedConfig,
  surroundings: Surroundings = {},
): Promise<DryRun | null> {
  const plan = planRun(resolved);
  for (const text of [...resolved.notes, ...plan.weights.notes()]) tell(surroundings, { type: 'note', text });
  for (const text of resolved.warnings) tell(surroundings, { type: 'warning', text });
  const data = await prepare(plan, surroundings);
  if (data === null) return null;
  const { parts, warnings } = buildRun(plan, data, null);
  for (const text of warnings) tell(surroundings, { type: 'warning', text });
  try {
    initialize(plan);
    const started = performance.now();
    const first = trainEpoch(parts, 0, { batch: 0, step: 0 }).next();
    const stepSeconds = (performance.now() - started) / 1000;
    if (first.done) throw new Error('an epoch has at least one step');
    const batch = parts.evalLoader?.epoch(0).next().value;
    const evaluated = batch ? parts.program.evaluate(batch) : null;
    return {
      plan,
      loss: first.value.batches[0]!.loss,
      evalLoss: evaluated?.loss ?? null,
      stepSeconds,
      diverged: first.value.diverged !== null,
      standsInFor: data.standsInFor,
    };
  } finally {
    parts.program.dispose();
    parts.optimizer.dispose();
    plan.model.dispose();
  }
}
