import { join, relative, resolve } from 'node:path';
import { UsageError } from '../../base/errors.js';
import { formatBytes, formatCount, formatLr, plural } from '../../base/format.js';
import { jsonLine } from '../../base/printable.js';
import { exists } from '../../base/read.js';
import type { Metric } from '../../config/index.js';
import { toSnakeCase } from '../../config/index.js';
import { nearestSpelling } from '../../config/validate/spelling.js';
import { type ListOptions, listRuns } from '../../runs/find/list.js';
import type { RunOverview, RunStatus } from '../../runs/find/overview.js';
import { formatMetric, metricText } from '../../runs/metric-text.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { type Io, warn } from '../io.js';
import { type Style, textWidth } from '../ui/style.js';
import { type Table, textTable } from '../ui/table.js';

/** Where runs lie unless a configuration says otherwise. */
const USUAL_FOLDER = 'runs';
const COMMANDS = ['ls', 'show', 'diff', 'rm'];

/**
 * Shows a table of runs.
 *
 * @param folders that were named
 * @param options which runs, and in which order; json: a line for each
 * @param io where to show it
 * @returns the exit code
 */
export function showRuns(
  folders: readonly string[],
  { json = false, ...options }: ListOptions & { readonly json?: boolean },
  io: Io,
): ExitCode {
  refuseMistypedCommand(folders);
  const named = folders.length > 0 ? folders : [USUAL_FOLDER];
  if (folders.length === 0 && !exists(USUAL_FOLDER)) {
    io.log(`No runs yet: there is no folder ${USUAL_FOLDER} here. Start one: lossnet train <config>`);
    return EXIT.done;
  }
  const runs = listRuns(named, options);
  if (json) for (const run of runs) io.print(jsonLine(recordOf(run)));
  else if (runs.length > 0) {
    for (const line of textTable(tableOf(runs, named), io.style.out.bold, textWidth(io.stdout)))
      io.print(line.replace(STATUS, (status) => statusText(status as RunStatus, io.style.out)));
  }
  for (const { path, problem } of runs)
    if (problem !== null && !json) warn(io, `${path}: ${problem.message}`);
  if (runs.length === 0)
    io.log(`No run in ${named.join(', ')}${options.where?.length ? ' is like that' : ''}.`);
  else if (!json)
    io.log(`${plural(runs.length, 'run')}, ${formatBytes(runs.reduce((sum, { bytes }) => sum + bytes, 0))}`);
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

/** What is left out first where there is little room. */
const EXPENDABLE = /^(changed|size|trained|parameters|model|data|lr|best|test .*|eval loss|train loss)$/;

/** The cell of a line: it is coloured once the columns stand. */
const STATUS = /(?<=\S {2,})(done|diverged|interrupted|running|unfinished|damaged|unreadable)(?= |$)/;

function tableOf(runs: readonly RunOverview[], folders: readonly string[]): Table {
  const figures = figuresShown(runs);
  const head = [
    'run',
    'status',
    'epochs',
    ...figures.map(metricText),
    'optimizer',
    'lr',
    'changed',
    'size',
    'data',
    'parameters',
    'model',
  ];
  const rows = runs.map(({ path, status, bytes, changed, run }) => [
    nameIn(path, folders),
    status,
    run === null ? '' : `${run.epoch}/${run.epochs}`,
    ...figures.map((figure) => {
      const value = run?.figures[figure];
      return value == null ? '' : formatMetric(figure, value);
    }),
    run?.config.optimizer.type ?? '',
    run === null ? '' : formatLr(run.lr),
    dateText(changed),
    formatBytes(bytes),
    run?.data ?? '',
    run?.parameters == null ? '' : formatCount(run.parameters),
    run?.model ?? '',
  ]);
  return {
    head,
    rows,
    texts: ['run', 'status', 'optimizer', 'data', 'model', 'changed'],
    expendable: EXPENDABLE,
  };
}

/** Of each task the primary metric, of the evaluation and the end, and the loss: as far as a run has them. */
function figuresShown(runs: readonly RunOverview[]): Metric[] {
  const primary = [...new Set(runs.flatMap(({ run }) => run?.metrics[0]?.name ?? []))];
  const wanted = [
    ...primary.map((name) => `eval_${name}`),
    'eval_loss',
    ...primary.map((name) => `test_${name}`),
  ];
  const has = (figure: string) => runs.some(({ run }) => run?.figures[figure as Metric] != null);
  const shown = wanted.filter(has) as Metric[];
  return shown.length > 0 ? shown : (['train_loss'] as const).filter(has);
}

/** The shortest path from the folders that were named: where there is one, as it lies in it. */
function nameIn(path: string, folders: readonly string[]): string {
  const [folder] = folders;
  if (folders.length > 1 || folder === undefined) return path;
  const way = relative(resolve(folder), resolve(path));
  return way === '' || way.startsWith('..') ? path : join(way);
}

export function statusText(status: RunStatus, style: Style): string {
  switch (status) {
    case 'done':
      return style.green(status);
    case 'running':
      return style.cyan(status);
    case 'diverged':
    case 'damaged':
    case 'unreadable':
      return style.red(status);
    case 'interrupted':
    case 'unfinished':
      return style.yellow(status);
  }
}

/** In the time zone of the machine, to the minute. */
export function dateText(date: Date): string {
  const two = (value: number) => `${value}`.padStart(2, '0');
  const day = [date.getFullYear(), date.getMonth() + 1, date.getDate()].map(two).join('-');
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}
