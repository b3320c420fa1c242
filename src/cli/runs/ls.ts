import { UsageError } from '../../base/errors.js';
import { formatBytes, plural } from '../../base/format.js';
import { jsonLine } from '../../base/printable.js';
import { exists } from '../../base/read.js';
import { toSnakeCase } from '../../config/index.js';
import { nearestSpelling } from '../../config/validate/spelling.js';
import { type ListOptions, listRuns } from '../../runs/find/list.js';
import type { RunOverview, RunStatus } from '../../runs/find/overview.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { type Io, warn } from '../io.js';
import { tableThatFits } from './ls-table.js';
import { statusText } from './words.js';

/** Where runs lie unless a configuration says otherwise. */
const USUAL_FOLDER = 'runs';
const COMMANDS = ['ls', 'show', 'diff', 'rm'];

/**
 * Shows a table of runs.
 *
 * @param folders that were named
 * @param options which runs, and in which order; json: a line for each; wide: every column, whatever the terminal has room for
 * @param io where to show it
 * @returns the exit code
 */
export function showRuns(
  folders: readonly string[],
  {
    json = false,
    wide = false,
    ...options
  }: ListOptions & { readonly json?: boolean; readonly wide?: boolean },
  io: Io,
): ExitCode {
  refuseMistypedCommand(folders);
  const named = folders.length > 0 ? folders : [USUAL_FOLDER];
  if (folders.length === 0 && !exists(USUAL_FOLDER)) {
    io.log(`No runs yet: there is no folder ${USUAL_FOLDER} here. Start one: lossnet train <config>`);
    return EXIT.done;
  }
  const runs = listRuns(named, options);
  let leftOut = 0;
  if (json) for (const run of runs) io.print(jsonLine(recordOf(run)));
  else if (runs.length > 0) {
    const { isTTY, columns } = io.stdout;
    // Whoever reads from a pipe cuts for himself.
    const width = isTTY && columns > 0 && !wide ? columns : Number.POSITIVE_INFINITY;
    const table = tableThatFits(runs, named, width, io.style.out.bold);
    leftOut = table.leftOut;
    for (const line of table.lines)
      io.print(line.replace(STATUS, (status) => statusText(status as RunStatus, io.style.out)));
  }
  for (const { path, problem } of runs)
    if (problem !== null && !json) warn(io, `${path}: ${problem.message}`);
  if (runs.length === 0)
    io.log(`No run in ${named.join(', ')}${options.where?.length ? ' is like that' : ''}.`);
  else if (!json) {
    const more = leftOut === 0 ? '' : `; ${plural(leftOut, 'more column')} with --wide`;
    const bytes = formatBytes(runs.reduce((sum, run) => sum + run.bytes, 0));
    io.log(`${plural(runs.length, 'run')}, ${bytes}${more}`);
  }
  return EXIT.done;
}

/** `lossnet runs shwo` names a folder, as far as the grammar goes. */
function refuseMistypedCommand([first]: readonly string[]): void {
  if (first === undefined || /[./\\]/.test(first) || exists(first)) return;
  const meant = nearestSpelling(first, COMMANDS);
  if (meant === undefined) return;
  throw new UsageError(
    'LOSSNET_USAGE',
    `There is no command lossnet runs ${first}, and no such folder. Did you mean ${meant}?`,
    `The commands: ${COMMANDS.join(', ')}`,
  );
}

/** A run as a line of `--json`. */
export function recordOf({
  path,
  status,
  bytes,
  changed,
  problem,
  run,
}: RunOverview): Record<string, unknown> {
  const about = { type: 'run', path, status, bytes, changed: changed.toISOString() };
  if (run === null) return { ...about, problem: { code: problem?.code, message: problem?.message } };
  const { config, metrics: _, figures, ...rest } = run;
  return { ...about, ...toSnakeCase(rest), figures, config };
}

/** The cell of a line: it is coloured once the columns stand. */
const STATUS = /(?<=\S {2,})(done|diverged|interrupted|running|unfinished|damaged|unreadable)(?= |$)/;
