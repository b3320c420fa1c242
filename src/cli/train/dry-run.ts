import { formatLoss } from '../../base/format.js';
import { jsonLine } from '../../base/printable.js';
import type { ResolvedConfig } from '../../config/index.js';
import { dryRun } from '../../runs/train/dry-run.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import type { Io } from '../io.js';
import { showNotices } from '../notices.js';
import { listenForSignals } from '../signals.js';
import { parameterText } from './describe.js';

/**
 * Tries a configuration, and shows what its first step is like.
 *
 * @param resolved what to try
 * @param options in which form to print; quiet: without notes
 * @param io where to print
 * @returns the exit code: 0, or 3 when the very first loss is not finite
 */
export async function showDryRun(
  resolved: ResolvedConfig,
  { json, quiet }: { readonly json: boolean; readonly quiet: boolean },
  io: Io,
): Promise<ExitCode> {
  const stop = listenForSignals(io);
  try {
    const surroundings = { signal: stop.signal, onProgress: showNotices(io, quiet) };
    const result = await dryRun(resolved, surroundings);
    if (result === null) return stop.exitCode ?? EXIT.failed;
    const { plan, loss, evalLoss, stepSeconds, standsInFor } = result;
    if (json) {
      io.print(
        jsonLine({
          type: 'dry_run',
          loss: Number.isFinite(loss) ? loss : null,
          eval_loss: evalLoss,
          step_seconds: stepSeconds,
          parameters: plan.model.parameterCount,
          trainable_parameters: plan.model.trainableCount,
          ...(standsInFor && { stands_in_for: standsInFor }),
        }),
      );
    } else {
      io.print(plan.model.shapeTable());
      io.say(`dry run: ${parameterText(plan.model)}; nothing was written`);
      io.print(`first step: loss ${formatLoss(loss)} in ${(stepSeconds * 1000).toFixed(0)} ms`);
      if (evalLoss !== null) io.print(`evaluation batch: loss ${formatLoss(evalLoss)}`);
      if (standsInFor) io.print(`on shapes, standing in for ${standsInFor}`);
    }
    return result.diverged ? EXIT.diverged : EXIT.done;
  } finally {
    stop.release();
  }
}
