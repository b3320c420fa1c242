import { join, relative, resolve } from 'node:path';
import { formatBytes, formatCount, formatLr } from '../../base/format.js';
import type { Metric } from '../../config/index.js';
import { displayWidth } from '../../config/problems/text.js';
import type { RunOverview } from '../../runs/find/overview.js';
import { formatMetric, metricText } from '../../runs/metric-text.js';
import { fittingTable, type Table, tableWidth, textTable } from '../ui/table.js';
import { dateText } from './words.js';

/** What is left out where there is little room, the last first; optimizer, figures and epochs, where that is not enough. */
const EXPENDABLE = /^(changed|size|trained|parameters|model|data|lr|best|test .*|eval loss|train loss)$/;
const LAST_RESORT = /^(optimizer|epochs|eval .*)$/;
/** Names are shortened to this where there is too little room for all, and to that at the least. */
const LONG_NAME = 32;
const SHORTEST_NAME = 12;

/**
 * The runs as a table: where it is wider than there is room, with long names shortened in their middle, and without the columns that
 * tell least.
 *
 * @param runs in the order in which they are shown
 * @param folders that were named: names are told from there
 * @param width columns that there are
 * @param bold how headings are made bold
 * @returns its lines, and how many columns were left out
 */
export function tableThatFits(
  runs: readonly RunOverview[],
  folders: readonly string[],
  width: number,
  bold: (text: string) => string,
): { readonly lines: readonly string[]; readonly leftOut: number } {
  const all = tableOf(runs, folders);
  const named = (table: Table, room: number): Table => ({
    ...table,
    rows: table.rows.map(([, ...rest], i) => [shortened(all.rows[i]![0]!, room), ...rest]),
  });
  const isTooWide = tableWidth(all) > width;
  // Long names alone are no reason to leave out all else.
  const usual = fittingTable({ ...(isTooWide ? named(all, LONG_NAME) : all), expendable: EXPENDABLE }, width);
  // By so much names can be shortened yet.
  const spare = Math.max(0, nameWidthOf(usual) - SHORTEST_NAME);
  const least = fittingTable({ ...usual, expendable: LAST_RESORT }, width + spare);
  const table = isTooWide
    ? named(least, Math.max(SHORTEST_NAME, nameWidthOf(least) + width - tableWidth(least)))
    : least;
  const lines = textTable(table, bold, Number.POSITIVE_INFINITY);
  return { lines, leftOut: all.head.length - table.head.length };
}

const nameWidthOf = ({ rows }: Table): number => Math.max(...rows.map(([name = '']) => displayWidth(name)));

/** `compare-lr/sgd-…-seed-3`: beginnings and ends are what names differ in. */
function shortened(name: string, room: number): string {
  if (displayWidth(name) <= room) return name;
  const characters = [...name];
  const end = characters.slice(-Math.floor((room - 1) / 2));
  while (displayWidth([...characters, '…', ...end].join('')) > room && characters.length > 0)
    characters.pop();
  return [...characters, '…', ...end].join('');
}

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
