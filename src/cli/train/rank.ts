import { fromSystem } from '../../base/system-errors.js';
import { findPlace } from '../../runs/parallel/place.js';
import { errorRecord } from '../error-record.js';
import { reportError } from '../errors.js';
import type { ExitCode } from '../exit-codes.js';
import type { Io } from '../io.js';
import { type Failure, tellLauncher } from '../launch/message.js';
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
  const place = findPlace(request.resolved, io.env);
  const rank = place?.rank ?? 0;
  endWithLauncher();
  // The launcher has the terminal, and passes on that it was closed.
  const own = { ...request, ...(process.send && { hangsUp: true }) };
  if (rank === 0) {
    try {
      return await trainRun({ ...own, onBegun: (folder) => void tellLauncher({ begun: folder }) }, io);
    } catch (error) {
      await tellLauncher({ failed: failureOf(error, []) });
      throw error;
    }
  }
  const silent: Io = { ...io, print: () => {}, say: () => {}, log: () => {} };
  try {
    return await trainRun({ ...own, output: 'none', gates: [] }, silent);
  } catch (error) {
    const shown: string[] = [];
    const code = reportError(error, { ...silent, log: (text) => void shown.push(text) }, false);
    // The launcher shows what several ranks failed for once.
    if (place?.isLaunched && process.connected) await tellLauncher({ failed: failureOf(error, shown) });
    else for (const text of shown) io.log(`rank ${rank}: ${text}`);
    return code;
  }
}

function failureOf(thrown: unknown, shown: readonly string[]): Failure {
  const error = fromSystem(thrown);
  const { code } = errorRecord(error);
  return { code, message: error instanceof Error ? error.message : String(error), shown };
}

/** When `lossnet launch` is gone, whose channel this is, nobody would start or end the ranks any more: they save and end. */
function endWithLauncher(): void {
  if (process.send === undefined) return;
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.channel?.unref();
}
