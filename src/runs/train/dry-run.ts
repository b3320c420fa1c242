import { formatLoss, plural } from '../../base/format.js';
import { jsonLine } from '../../base/printable.js';
import { EXIT, type ExitCode } from '../../cli/exit-codes.js';
import { type Io, warn } from '../../cli/io.js';
import { listenForSignals } from '../../cli/signals.js';
import { buildRun, initialize, type Plan } from '../../config/index.js';
import type { TrainEvent } from '../../train/events.js';
import { trainEpoch } from '../../train/loop.js';
import { prepare } from './prepare.js';

/**
 * Builds everything, makes one step and evaluates one batch, and writes nothing.
 *
 * @param plan what to try
 * @param json whether to print JSON
 * @param io where to print
 * @returns the exit code: 0, or 3 when the very first loss is not finite
 */
export async function dryRun(plan: Plan, json: boolean, io: Io): Promise<ExitCode> {
  const stop = listenForSignals(io);
  try {
    const data = await prepare(plan, io, stop);
    if (data === null) return stop.exitCode ?? EXIT.failed;
    const { parts, model, warnings } = buildRun(plan, data, null);
    for (const warning of warnings) warn(io, warning);
    initialize(plan);
    const started = performance.now();
    const first = trainEpoch(parts, 0, { batch: 0, step: 0 }).next();
    const seconds = (performance.now() - started) / 1000;
    if (first.done) throw new Error('an epoch has at least one step');
    const batch = parts.evalLoader?.epoch(0).next().value;
    const evaluated = batch ? parts.program.evaluate(batch) : null;
    const loss = first.value.batches[0]!.loss;
    const event: Pick<TrainEvent, 'type'> | object = {
      type: 'dry_run',
      loss: Number.isFinite(loss) ? loss : null,
      eval_loss: evaluated?.loss ?? null,
      step_seconds: seconds,
      ...(data.standsInFor && { stands_in_for: data.standsInFor }),
    };
    if (json) io.print(jsonLine(event));
    else {
      io.print(model.shapeTable());
      io.print(`dry run: ${plural(model.parameterCount, 'parameter')}; nothing was written`);
      io.print(`first step: loss ${formatLoss(loss)} in ${(seconds * 1000).toFixed(0)} ms`);
      if (evaluated) io.print(`evaluation batch: loss ${formatLoss(evaluated.loss)}`);
      if (data.standsInFor) io.print(`on shapes, standing in for ${data.standsInFor}`);
    }
    return first.value.diverged ? EXIT.diverged : EXIT.done;
  } finally {
    stop.release();
  }
}
