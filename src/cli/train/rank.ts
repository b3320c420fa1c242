import { findPlace } from '../../runs/parallel/place.js';
import { reportError } from '../errors.js';
import type { ExitCode } from '../exit-codes.js';
import type { Io } from '../io.js';
import { type TrainRequest, trainRun } from './train.js';

/**
 * Trains as one of several processes. Rank 0 shows what happens; the others show nothing but their own errors, with their
 * rank, on stderr.
 *
 * @param request what to train and how rank 0 shows it
 * @param io where to show it
 * @returns the exit code
 * @throws UsageError, ConfigError when nothing says which rank this is
 */
export async function trainRank(request: TrainRequest, io: Io): Promise<ExitCode> {
  const rank = findPlace(request.resolved, io.env)?.rank ?? 0;
  endWithLauncher();
  // The launcher has the terminal, and passes on that it was closed.
  const own = { ...request, ...(process.send && { hangsUp: true }) };
  if (rank === 0) return trainRun({ ...own, onBegun: (folder) => process.send?.({ begun: folder }) }, io);
  const silent: Io = { ...io, print: () => {}, say: () => {}, log: () => {} };
  try {
    return await trainRun({ ...own, output: 'none', gates: [] }, silent);
  } catch (error) {
    return reportError(error, { ...silent, log: (line) => io.log(`rank ${rank}: ${line}`) }, false);
  }
}

/** When `lossnet launch` is gone, whose channel this is, nobody would start or end the ranks any more: they save and end. */
function endWithLauncher(): void {
  if (process.send === undefined) return;
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.channel?.unref();
}
