import type { Change } from '../runs/baseline.js';
import type { Against } from '../runs/compare/ranking/comparison.js';
import { formatDifference, formatMetric, metricText, printedValue } from '../runs/metric-text.js';
import { markdownTable } from './ui/table.js';

/** `-0.30 points`, and how far it may be off by what differs between seeds: of the two figures as they are printed beside it. */
export function changeText({ metric, value, baseline, margin }: Change): string {
  const difference = printedValue(metric, value) - printedValue(metric, baseline);
  const text = formatDifference(metric, difference, margin);
  return difference > 0 ? `+${text}` : text;
}

/**
 * @param changes figures beside the baseline's
 * @param path of the baseline
 * @returns a line for each
 */
export function changeLines(changes: readonly Change[], path: string): string[] {
  const names = changes.map(({ metric }) => metricText(metric));
  const width = Math.max(...names.map((name) => name.length));
  const line = (change: Change, i: number): string => {
    const { metric, value, baseline } = change;
    const figures = `${formatMetric(metric, baseline)} -> ${formatMetric(metric, value)}`;
    return `  ${names[i]!.padEnd(width)}  ${figures}  ${changeText(change)}`;
  };
  return [`against ${path}:`, ...changes.map(line)];
}

/** A comparison beside its baseline: a line for each variant and figure. */
export function againstLines({ path, variants, doubts }: Against): string[] {
  const rows = rowsOf(variants);
  const widths = [0, 1, 2].map((column) => Math.max(0, ...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) => `  ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')}`);
  return [`against ${path}:`, ...lines, ...doubts.map((text) => `  ${text}`)];
}

/** The same as a Markdown table. */
export function againstTable({ path, variants, doubts }: Against): string[] {
  const head = ['variant', 'figure', `\`${path}\` -> now`, 'change'];
  const table = { head, rows: rowsOf(variants), texts: head.slice(0, 2) };
  return [...markdownTable(table), ...doubts.flatMap((text) => ['', text])];
}

const rowsOf = (variants: Against['variants']): string[][] =>
  variants.flatMap(({ name, changes }) =>
    changes.map((change) => {
      const { metric, value, baseline } = change;
      const figures = `${formatMetric(metric, baseline)} -> ${formatMetric(metric, value)}`;
      return [name, metricText(metric), figures, changeText(change)];
    }),
  );
