import { setImmediate as nextTurn } from 'node:timers/promises';
import { jsonLine } from '../../base/printable.js';
import { EXIT, type ExitCode } from '../../cli/exit-codes.js';
import type { Io } from '../../cli/io.js';
import { describeBegin, describeResults, toJson } from '../../cli/lr-find/describe.js';
import { testProgress } from '../../cli/lr-find/progress.js';
import { listenForSignals, type StopRequest } from '../../cli/signals.js';
import { buildRun, initialize, planRun } from '../../config/index.js';
import { type LrPoint, type LrRange, lrRangeTest } from '../../train/lr-range-test.js';
import { lrCurve, suggestLr } from '../../train/lr-suggestion.js';
import { stateSha256 } from '../../train/model/weights.js';
import { type Data, prepare } from '../train/prepare.js';
import type { FindRequest, FindResult } from './result.js';
import { type Variant, variantsOf } from './variants.js';

/** Steps of the first test, and of the second one where the first shows too little. */
const STEPS = { first: 200, second: 800 } as const;
/** A fall of the loss by this share is enough for the first. */
const ENOUGH = 0.05;

/**
 * Tests learning rates on models that are thrown away, and says which to take. Writes nothing.
 *
 * @param request what to test
 * @param io where to show it
 * @returns the exit code: 0 when there is a suggestion for at least one optimizer, 3 when every loss was gone at once,
 * else 1
 */
export async function findLr(request: FindRequest, io: Io): Promise<ExitCode> {
  const variants = variantsOf(request.resolved, request.optimizers);
  const plan = planRun(variants[0]!.resolved);
  const stop = listenForSignals(io, { words: 'Stopping. Nothing is kept.' });
  try {
    const data = await prepare(plan, io, stop);
    if (data === null) return stop.exitCode ?? EXIT.failed;
    if (!request.json) describeBegin(io, plan, data, request, variants);
    const results: FindResult[] = [];
    for (const variant of variants) {
      const result = await findOne(variant, request, data, io, stop);
      if (result === null) return stop.exitCode ?? EXIT.failed;
      results.push(result);
    }
    if (request.json) io.print(jsonLine(toJson(request, results, data)));
    else describeResults(io, request, results, data);
    if (results.some(({ suggestion }) => suggestion.found)) return EXIT.done;
    return results.every(({ points }) => points.length === 0) ? EXIT.diverged : EXIT.failed;
  } finally {
    stop.release();
  }
}

async function findOne(
  variant: Variant,
  { min, max, steps }: FindRequest,
  data: Data,
  io: Io,
  stop: StopRequest,
): Promise<FindResult | null> {
  const first = await test(variant, { min, max, steps: steps ?? STEPS.first }, data, io, stop);
  if (steps !== undefined || first === null) return first;
  if (first.suggestion.found && first.suggestion.fallShare >= ENOUGH) return first;
  // Models that learn slowly at first need more steps at each learning rate than others; and too large a momentum
  // needs some to break, so that a few steps seem to allow more than training does.
  const second = await test(variant, { min, max, steps: STEPS.second }, data, io, stop);
  return second === null || second.suggestion.found || !first.suggestion.found ? second : first;
}

/** One range test, from the first weights; null when a signal came in between. */
async function test(
  variant: Variant,
  range: LrRange,
  data: Data,
  io: Io,
  stop: StopRequest,
): Promise<FindResult | null> {
  const plan = planRun(variant.resolved);
  const { parts } = buildRun(plan, data, null);
  const progress = testProgress(io, variant.name, range.steps);
  try {
    initialize(plan);
    const initSha256 = stateSha256(plan.model.state);
    const points: LrPoint[] = [];
    const steps = lrRangeTest(parts, range);
    let next = steps.next();
    for (; !next.done; next = steps.next()) {
      points.push(next.value);
      progress.show(next.value);
      await nextTurn();
      if (stop.exitCode !== undefined) return null;
    }
    const curve = lrCurve(points, range);
    const suggestion = suggestLr(points, range);
    const { orderSha256 } = parts.loader;
    return { ...variant, range, points, curve, end: next.value, suggestion, initSha256, orderSha256 };
  } finally {
    progress.hide();
    parts.program.dispose();
    parts.optimizer.dispose();
  }
}
