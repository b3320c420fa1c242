import { LossnetError, UsageError } from '../base/errors.js';
import { jsonLine, printableLines } from '../base/printable.js';
import { fromSystem } from '../base/system-errors.js';
import { ConfigError } from '../config/problems/errors.js';
import { formatProblems } from '../config/problems/format.js';
import { RankError } from '../train/parallel/group.js';
import { errorRecord } from './error-record.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import type { Io } from './io.js';
import { textWidth } from './ui/style.js';

/**
 * Shows an error on stderr: what a user can act on in a few lines, a defect of lossnet with its stack trace.
 *
 * @param thrown anything
 * @param io where to show it
 * @param json whether to print its record on stdout too
 * @returns the exit code that it means
 */
export function reportError(thrown: unknown, io: Io, json: boolean): ExitCode {
  const error = fromSystem(thrown);
  if (json) io.print(jsonLine(errorRecord(error)));
  const style = io.style.err;
  if (error instanceof ConfigError) {
    // In a pipe as wide as it is usual there.
    const width = io.stderr.isTTY && io.stderr.columns > 0 ? textWidth(io.stderr) : undefined;
    io.log(formatProblems(error.problems, style, width));
    return EXIT.usage;
  }
  if (error instanceof LossnetError) {
    io.log(`${style.red('error')}: ${printableLines(error.message)}`);
    if (error.remedy) io.log(printableLines(error.remedy).replace(/^/gm, '  '));
    if (error instanceof RankError) return EXIT.rankLost;
    return error instanceof UsageError ? EXIT.usage : EXIT.failed;
  }
  io.log(`${style.red('error')}: this is a defect of lossnet. Please report it with what follows.`);
  io.log(printableLines(error instanceof Error ? (error.stack ?? error.message) : String(error)));
  return EXIT.failed;
}
