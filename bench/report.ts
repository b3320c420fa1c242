import { REFERENCE } from './peers.js';
import type { Cell, Results } from './results.js';
import { titleOf } from './settings.js';
import { median } from './statistics.js';
import { isMet, judge, PEAK_BATCH, percentOfPeak, ratioIn, type Verdict } from './targets.js';

/** Share of the cores that other processes may use without a word about it. */
const QUIET = 0.05;

/**
 * @param results what was found
 * @returns RESULTS.md: machine, tables and targets, for people
 */
export function report(results: Results): string {
  const sections = [
    '# Results',
    'Written by `npm run bench`; do not edit. What is measured, and how: see [CONTRIBUTING.md](../CONTRIBUTING.md).',
    ...(results.quick ? ['**A quick check: too few steps and rounds to trust.**'] : []),
    machine(results),
    ...(isDisturbed(results)
      ? ['**The machine was busy with something else: these figures tell nothing.**']
      : []),
    '## Milliseconds per step',
    `Median of ${results.rounds} rounds and, in brackets, how many times as long as ${results.titles[REFERENCE]} (the median of the rounds' ratios). Above 1, lossnet is faster.`,
    timings(results),
    ...(results.quick ? [] : ['![ratios](results.svg)']),
    '## Peak memory, MB',
    memory(results),
    ...skipped(results),
    ...commandLine(results),
    '## Targets',
    table(
      ['target', 'wanted', 'found', ''],
      judge(results).map((verdict) => verdictRow(verdict, isDisturbed(results))),
    ),
  ];
  return `${sections.join('\n\n')}\n`;
}

/**
 * @param head a table's column heads
 * @param rows its cells; the first column is text, the others stand to the right
 * @returns the table in Markdown, aligned
 */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, i) => Math.max(3, ...[head, ...rows].map((row) => row[i]!.length)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join(' | ')} |`;
  const rule = widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}

function machine(results: Results): string {
  const { date, machine: m, versions } = results;
  const others = disturbance(results);
  const software = Object.entries({ ...versions, node: m.node }).map(
    ([name, version]) => `${name} ${version}`,
  );
  return [
    `- ${date.slice(0, 10)}, commit ${m.commit ?? 'unknown'}`,
    `- ${m.cpu}, ${m.cores} cores, ${m.memoryGb} GB, ${m.system}`,
    `- CPU governor ${m.governor}, load average ${m.loadBefore.toFixed(2)} before the first measurement`,
    ...(others === null
      ? []
      : [`- other processes used up to ${(100 * others).toFixed(1)} % of the cores while peers were timed`]),
    `- ${software.join(', ')}`,
  ].join('\n');
}

function timings(results: Results): string {
  return byPeer(results, (cell, name) => {
    const ms = median(cell.peers[name]!.ms);
    const ratio = ratioIn(cell, name);
    return ratio === null ? milliseconds(ms) : `${milliseconds(ms)} (${ratio.toFixed(2)})`;
  });
}

function memory(results: Results): string {
  return byPeer(results, (cell, name) => cell.peers[name]!.memoryMb?.toFixed(0) ?? '');
}

/** A row for each peer, a column for each setting. */
function byPeer({ titles, cells }: Results, text: (cell: Cell, name: string) => string): string {
  const rows = Object.entries(titles)
    .filter(([name]) => cells.some(({ peers }) => peers[name]))
    .map(([name, title]) => [title, ...cells.map((cell) => (cell.peers[name] ? text(cell, name) : ''))]);
  return table(['', ...cells.map(titleOf)], rows);
}

/** A machine that is busy with something else makes any ratio possible: PyTorch, whose threads wait for each other, suffers most. */
function disturbance({ cells }: Results): number | null {
  const shares = cells.flatMap(({ others }) => (others === null ? [] : [others]));
  return shares.length === 0 ? null : Math.max(...shares);
}

const isDisturbed = (results: Results): boolean => (disturbance(results) ?? 0) > QUIET;

function skipped({ skipped: reasons, titles }: Results): string[] {
  const lines = Object.entries(reasons).map(([name, reason]) => `- ${titles[name] ?? name}: ${reason}`);
  return lines.length === 0 ? [] : ['## Not measured', lines.join('\n')];
}

function commandLine({ commandLine: found, cells }: Results): string[] {
  const peaks = cells
    .filter(({ model, batch }) => model === 'tutorial' && batch === PEAK_BATCH)
    .flatMap((cell) => {
      const percent = percentOfPeak(cell);
      if (percent === null) return [];
      const title = `share of the matrix-multiply peak (${cell.gflops!.toFixed(0)} GFLOP/s), ${titleOf(cell)}`;
      return [[title, `${percent.toFixed(0)} %`]];
    });
  const waits = found
    ? [
        ['from the command to the first step', `${median(found.firstStepSeconds).toFixed(2)} s`],
        ['of it, compiling', `${median(found.compileSeconds).toFixed(2)} s`],
        ['training, with loading', `${median(found.imagesPerSecond).toFixed(0)} images/s`],
        ['evaluation of 10,000 images', `${median(found.evalSeconds).toFixed(2)} s`],
      ]
    : [];
  if (waits.length + peaks.length === 0) return [];
  const intro =
    'The first four from outside: `lossnet train` with batches of 64, evaluation in batches of 256.';
  return ['## The program', ...(found ? [intro] : []), table(['', 'found'], [...waits, ...peaks])];
}

function verdictRow(verdict: Verdict, disturbed: boolean): string[] {
  const { target, value, limit, unit, wanted } = verdict;
  const met = isMet(verdict);
  const number = (x: number) => (unit === '%' ? `${x.toFixed(0)} %` : `${x.toFixed(2)} ${unit}`);
  const word = met === null ? 'not measured' : disturbed ? 'disturbed' : met ? 'met' : '**missed**';
  return [target, `${wanted} ${number(limit)}`, value === null ? '' : number(value), word];
}

const milliseconds = (ms: number): string => ms.toFixed(ms < 10 ? 2 : 1);
