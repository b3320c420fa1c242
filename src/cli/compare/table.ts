import { displayWidth } from '../../config/problems/text.js';
import { formatDuration, formatMetric, plural } from '../ui/format.js';
import type { Analysis, Ranked } from './analysis.js';
import type { Estimate } from './statistics.js';
import { metricText } from './verdict.js';

/** Headings and rows, to be written as text or as Markdown. */
export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/**
 * The variants in their order: figures at the end, the lowest loss, how soon the target was reached, time of training.
 *
 * @param analysis the figures
 * @returns the table
 */
export function tableOf(analysis: Analysis): Table {
  const { by, target, variants } = analysis;
  const isEvaluated = variants.some(({ figures }) => figures.eval_loss !== null);
  const split = isEvaluated ? 'eval' : 'train';
  const extra =
    by === `${split}_accuracy` || by === `${split}_loss` || by === `best_${split}_loss` ? null : by;
  const head = [
    '',
    'variant',
    `${split} acc`,
    `${split} loss`,
    'best loss',
    ...(extra === null ? [] : [metricText(extra)]),
    ...(target === null ? [] : [`to ${formatMetric(target.metric, target.bound)}`]),
    'trained',
  ];
  const rows = variants.map((variant) => [
    variant.rank === null ? '-' : `${variant.rank}`,
    variant.name,
    cell(`${split}_accuracy`, variant.figures[`${split}_accuracy`]),
    cell(`${split}_loss`, variant.figures[`${split}_loss`]),
    bestLoss(variant, `${split}_loss`),
    ...(extra === null ? [] : [cell(extra, variant.figures[extra])]),
    ...(target === null ? [] : [toTarget(variant)]),
    formatDuration(variant.trainSeconds),
  ]);
  return { head, rows };
}

/** The mean, with its 95 % confidence interval where there are several seeds. */
function cell(metric: string, value: Estimate | null): string {
  if (value === null) return '-';
  const mean = formatMetric(metric, value.mean);
  if (value.margin === null) return mean;
  const margin = formatMetric(metric, value.margin);
  return `${mean.replace(/ %$/, '')} ± ${margin}`;
}

function bestLoss({ figures, runs }: Ranked, key: 'eval_loss' | 'train_loss'): string {
  const best = figures[`best_${key}`];
  if (best === null) return '-';
  const mean = formatMetric(key, best.mean);
  const [run] = runs;
  if (runs.length > 1 || run?.record == null) return mean;
  const epoch = run.record.epochs.find((record) => record[key] === best.mean)?.epoch;
  return epoch === undefined ? mean : `${mean} @${epoch}`;
}

function toTarget({ toTarget: reached, runs }: Ranked): string {
  if (reached === null) return 'never';
  const { epochs, seconds } = reached;
  const count = Number.isInteger(epochs) ? plural(epochs, 'epoch') : `${epochs.toFixed(1)} epochs`;
  const some = reached.reached < runs.length ? ` (${reached.reached} of ${runs.length})` : '';
  return `${count}, ${formatDuration(seconds)}${some}`;
}

/** What is left out first where a terminal is too narrow. */
const EXPENDABLE = /^(trained|best loss|(eval|train) loss)$/;

/** Columns two blanks apart: names to the left, figures to the right; wider than `width` only with those that matter. */
export function textTable(table: Table, bold: (text: string) => string, width: number): string[] {
  const lines = lay(table, bold);
  const expendable = table.head.findLastIndex((title) => EXPENDABLE.test(title));
  if (expendable < 0 || Math.max(...lay(table, (text) => text).map(displayWidth)) <= width) return lines;
  const without = (cells: readonly string[]) => cells.filter((_, i) => i !== expendable);
  return textTable({ head: without(table.head), rows: table.rows.map(without) }, bold, width);
}

function lay({ head, rows }: Table, bold: (text: string) => string): string[] {
  const widths = head.map((title, i) =>
    Math.max(...[title, ...rows.map((row) => row[i] ?? '')].map(displayWidth)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((text, i) => {
        const blanks = ' '.repeat(widths[i]! - displayWidth(text));
        return i === 1 ? text + blanks : blanks + text;
      })
      .join('  ')
      .trimEnd();
  return [bold(line(head)), ...rows.map(line)];
}

export function markdownTable({ head, rows }: Table): string[] {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`;
  const align = (title: string, i: number) => (i === 1 || title === 'verdict' ? '---' : '--:');
  return [line(head), line(head.map(align)), ...rows.map(line)];
}
