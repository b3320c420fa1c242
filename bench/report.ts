import { REFERENCE } from './peers.js';
import type { Cell, KindResults, Results } from './results.js';
import { type ModelName, titleOf } from './settings.js';
import { median } from './statistics.js';
import {
  gainedMb,
  isMet,
  isNearPeak,
  judge,
  percentOfPeak,
  percentWaiting,
  ratioIn,
  type Verdict,
} from './targets.js';

/** Share of the cores that other processes may use without a word about it. */
const QUIET = 0.05;

const SMALL: readonly ModelName[] = ['tutorial', 'batch-norm'];

/**
 * @param kinds what was found, by kind of CPU
 * @returns RESULTS.md: machines, tables and targets, for people
 */
export function report(kinds: readonly KindResults[]): string {
  const sections = [
    '# Results',
    'Written by `npm run bench`; do not edit. What is measured, and how: see [CONTRIBUTING.md](../CONTRIBUTING.md). A section for each kind of CPU.',
    ...kinds.flatMap(ofKind),
  ];
  return `${sections.join('\n\n')}\n`;
}

/** Cells are measured at different times: the fewest rounds and the most. */
function roundsOf({ cells }: KindResults['results']): string {
  const rounds = cells.map(({ peers }) => peers[REFERENCE]?.ms.length ?? 0);
  const [fewest, most] = [Math.min(...rounds), Math.max(...rounds)];
  return fewest === most ? `${most}` : `${fewest} to ${most}`;
}

function ofKind({ kind, results }: KindResults): string[] {
  return [
    `## ${kind}`,
    ...(results.quick ? ['**A quick check: too few steps and rounds to trust.**'] : []),
    machine(results),
    ...(isDisturbed(results)
      ? ['**The machine was busy with something else: these figures tell nothing.**']
      : []),
    '### Milliseconds per step',
    `Median of ${roundsOf(results)} rounds and, in brackets, how many times as long as ${results.titles[REFERENCE]} (the median of the rounds' ratios). Above 1, lossnet is faster.`,
    ...byModels(results, timings),
    ...(results.quick ? [] : [`![ratios](results/${kind}.svg)`]),
    '### Peak memory, MB',
    'In brackets, how much of it came after the libraries were loaded.',
    ...byModels(results, memory),
    ...skipped(results),
    ...commandLine(results),
    '### Targets',
    'Speed: so many times as fast, or 90 % of the matrix-multiply peak.',
    table(
      ['target', 'wanted', 'found', ''],
      judge(results).map((verdict) => verdictRow(verdict, isDisturbed(results))),
    ),
  ];
}

/** The tutorial's network and its like, and the others: one table would be too wide. */
function byModels(results: Results, make: (results: Results) => string): string[] {
  return [true, false].flatMap((small) => {
    const cells = results.cells.filter(({ model }) => SMALL.includes(model) === small);
    return cells.length === 0 ? [] : [make({ ...results, cells })];
  });
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
  const { cells, machine: m, versions } = results;
  const measured = [
    ...new Set(cells.map(({ date, commit }) => `${date.slice(0, 10)}, commit ${commit ?? 'unknown'}`)),
  ];
  const others = disturbance(results);
  const software = Object.entries({ ...versions, node: m.node }).map(
    ([name, version]) => `${name} ${version}`,
  );
  return [
    `- ${measured.join('; ')}`,
    `- ${m.cpu}, ${m.cores} cores, ${m.memoryGb} GB, ${m.system}`,
    ...(m.flags.length > 0 ? [`- ${m.flags.join(' ')}`] : []),
    `- CPU governor ${m.governor}, load average ${m.loadBefore.toFixed(2)} before the first measurement`,
    ...(others === null
      ? []
      : [`- other processes used up to ${(100 * others).toFixed(1)} % of the cores while peers were timed`]),
    `- ${software.join(', ')}`,
  ].join('\n');
}

function timings(results: Results): string {
  const percent = (value: number | null) => (value === null ? '' : `${value.toFixed(value < 10 ? 1 : 0)} %`);
  const more = [
    ['matrix-multiply peak, GFLOP/s', ...results.cells.map(({ gflops }) => gflops?.toFixed(0) ?? '')],
    ['share of it that lossnet reaches', ...results.cells.map((cell) => percent(percentOfPeak(cell)))],
    ['of a step, waiting for JavaScript', ...results.cells.map((cell) => percent(percentWaiting(cell)))],
  ].filter(([, ...values]) => values.some((value) => value !== ''));
  return byPeer(results, more, (cell, name) => {
    const ms = median(cell.peers[name]!.ms);
    const ratio = ratioIn(cell, name);
    return ratio === null ? milliseconds(ms) : `${milliseconds(ms)} (${ratio.toFixed(2)})`;
  });
}

function memory(results: Results): string {
  return byPeer(results, [], (cell, name) => {
    const [peer, gained] = [cell.peers[name]!, gainedMb(cell.peers[name])];
    return `${peer.memoryMb?.toFixed(0) ?? ''}${gained === null ? '' : ` (${gained.toFixed(0)})`}`;
  });
}

/** A row for each peer and those given, a column for each setting. */
function byPeer(
  { titles, cells }: Results,
  more: readonly (readonly string[])[],
  text: (cell: Cell, name: string) => string,
): string {
  const rows = Object.entries(titles)
    .filter(([name]) => cells.some(({ peers }) => peers[name]))
    .map(([name, title]) => [title, ...cells.map((cell) => (cell.peers[name] ? text(cell, name) : ''))]);
  return table(['', ...cells.map(titleOf)], [...rows, ...more]);
}

/** A machine that is busy with something else makes any ratio possible: PyTorch, whose threads wait for each other, suffers most. */
function disturbance({ cells }: Results): number | null {
  const shares = cells.flatMap(({ others }) => (others === null ? [] : [others]));
  return shares.length === 0 ? null : Math.max(...shares);
}

const isDisturbed = (results: Results): boolean => (disturbance(results) ?? 0) > QUIET;

function skipped({ skipped: reasons, titles }: Results): string[] {
  const lines = Object.entries(reasons).map(([name, reason]) => `- ${titles[name] ?? name}: ${reason}`);
  return lines.length === 0 ? [] : ['### Not measured', lines.join('\n')];
}

function commandLine({ commandLine: found }: Results): string[] {
  if (!found) return [];
  const rows = [
    ['from the command to the first step', `${median(found.firstStepSeconds).toFixed(2)} s`],
    ['of it, compiling', `${median(found.compileSeconds).toFixed(2)} s`],
    ['training, with loading', `${median(found.imagesPerSecond).toFixed(0)} images/s`],
    ['evaluation of 10,000 images', `${median(found.evalSeconds).toFixed(2)} s`],
  ];
  const intro = 'From outside: `lossnet train` with batches of 64, evaluation in batches of 256.';
  return ['### The program', intro, table(['', 'found'], rows)];
}

function verdictRow(verdict: Verdict, disturbed: boolean): string[] {
  const { target, value, limit, unit, wanted } = verdict;
  const met = isMet(verdict);
  const number = (x: number) => (unit === '%' ? `${x.toFixed(0)} %` : `${x.toFixed(2)} ${unit}`);
  const near = isNearPeak(verdict) ? `${verdict.percentOfPeak!.toFixed(0)} % of the peak: met` : 'met';
  const word = met === null ? 'not measured' : disturbed ? 'disturbed' : met ? near : '**missed**';
  return [target, `${wanted} ${number(limit)}`, value === null ? '' : number(value), word];
}

const milliseconds = (ms: number): string => ms.toFixed(ms < 10 ? 2 : 1);
