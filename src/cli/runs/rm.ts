import { UsageError } from '../../base/errors.js';
import { formatBytes, plural } from '../../base/format.js';
import { jsonLine } from '../../base/printable.js';
import type { RunOverview } from '../../runs/find/overview.js';
import { planRemoval, type Removal, type Removed, removeRuns } from '../../runs/find/remove.js';
import { formatMetric, metricText } from '../../runs/metric-text.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { type Io, warn } from '../io.js';
import { ask, canAsk } from '../ui/ask.js';

export interface RemoveRequest {
  readonly where?: readonly string[];
  /** true: one. */
  readonly keepBest?: number | true;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** More than these are not listed before the question. */
const MOST_LISTED = 20;

/**
 * Removes runs after asking.
 *
 * @param paths that were named
 * @param request which of their runs, and whether to ask
 * @param io where to ask and to show it
 * @returns the exit code: 1 when the answer was no, or something stayed that was to go
 */
export async function removeAndShow(
  paths: readonly string[],
  request: RemoveRequest,
  io: Io,
): Promise<ExitCode> {
  const { where, yes = false, dryRun = false, json = false } = request;
  const keepBest = request.keepBest === true ? 1 : request.keepBest;
  if (!yes && !dryRun && !canAsk(io)) {
    throw new UsageError(
      'LOSSNET_USAGE',
      'There is no terminal to ask on whether to remove runs.',
      'Add --yes to remove them, or --dry-run to see which they are.',
    );
  }
  const removal = planRemoval(paths, { where, keepBest });
  const { runs, left } = removal;
  if (!json) for (const { path, reason } of left) warn(io, `${path} stays: it ${reason}.`);
  if (dryRun || runs.length === 0) {
    tellPlan(removal, dryRun, json, io);
    return left.length === 0 ? EXIT.done : EXIT.failed;
  }
  if (!yes) {
    listed(runs, io.log);
    keptText(removal.kept, io.log);
    const answer = await ask(
      io,
      `Remove ${plural(runs.length, 'run')}, ${formatBytes(removal.bytes)}? [y/N] `,
    );
    if (!/^y(es)?$/i.test(answer ?? '')) {
      io.log('Nothing was removed.');
      return answer === null ? EXIT.interrupted : EXIT.failed;
    }
  }
  const removed = removeRuns(removal, ({ path, bytes }) => {
    io.print(json ? jsonLine({ type: 'removed', path, bytes }) : `removed ${path} (${formatBytes(bytes)})`);
  });
  tellEnd(removal, removed, json, io);
  return left.length === 0 && removed.failed.length === 0 ? EXIT.done : EXIT.failed;
}

function tellPlan(removal: Removal, isDry: boolean, json: boolean, io: Io): void {
  const { runs, kept, bytes } = removal;
  if (json) {
    for (const run of runs) io.print(jsonLine({ type: 'would_remove', path: run.path, bytes: run.bytes }));
    io.print(jsonLine({ type: 'end', dry_run: isDry, removed: 0, bytes, ...others(removal), failed: [] }));
    return;
  }
  for (const run of runs) io.print(`would remove ${run.path} (${formatBytes(run.bytes)})`);
  keptText(kept, io.print);
  io.print(
    runs.length === 0
      ? 'nothing to remove'
      : `nothing was removed: without --dry-run, ${plural(runs.length, 'run')} would free ${formatBytes(bytes)}`,
  );
}

function tellEnd(removal: Removal, { runs, bytes, failed }: Removed, json: boolean, io: Io): void {
  if (json) {
    const problems = failed.map(({ path, error }) => ({ path, code: error.code, message: error.message }));
    const end = {
      type: 'end',
      dry_run: false,
      removed: runs.length,
      bytes,
      ...others(removal),
      failed: problems,
    };
    io.print(jsonLine(end));
    return;
  }
  for (const { path, error } of failed) warn(io, `${path} stays. ${error.message}`);
  keptText(removal.kept, io.print);
  io.print(`${plural(runs.length, 'run')} removed, ${formatBytes(bytes)} free again`);
}

const others = ({ kept, left }: Removal) => ({ kept: kept.map(({ path }) => path), left });

function listed(runs: readonly RunOverview[], say: (line: string) => void): void {
  for (const { path, status, bytes } of runs.slice(0, MOST_LISTED))
    say(`  ${path}  ${status}, ${formatBytes(bytes)}`);
  if (runs.length > MOST_LISTED) say(`  and ${runs.length - MOST_LISTED} more`);
}

function keptText(kept: readonly RunOverview[], say: (line: string) => void): void {
  for (const { path, run } of kept) {
    const { monitor, value, epoch } = run!.best!;
    say(`kept ${path}: ${metricText(monitor)} ${formatMetric(monitor, value)} in epoch ${epoch}`);
  }
}
