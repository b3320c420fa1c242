import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import type { Options } from './options.js';
import { PATHS } from './paths.js';
import type { Tally } from './tally.js';

const BLOCK = /(<!-- campaign -->\n)[\s\S]*?(<!-- end -->)/;

/**
 * @param tally what was tried and found
 * @param options the campaign
 * @param seconds how long it took
 * @returns lines for people: each kind with its counts, then each sort of failure
 */
export function summary(tally: Tally, options: Options, seconds: number): string {
  const rows = [...tally.kinds].map(([name, { trials, counts, seconds: spent }]) => {
    const parts = Object.entries(counts).map(([what, count]) => `${format(count)} ${what}`);
    return `  ${name.padEnd(12)} ${format(trials).padStart(8)} trials ${`${Math.round(spent)} s`.padStart(8)}   ${parts.join(', ')}`;
  });
  const failures = [...tally.kinds].flatMap(([name, kind]) =>
    [...kind.failures].map(
      ([what, { times, first }]) =>
        `  ${format(times).padStart(6)} ${name}: ${what} (${first.map(({ trial }) => `trial ${trial}`).join(', ')})`,
    ),
  );
  const head = `campaign, seed ${options.seed}: ${Math.round(seconds)} s`;
  const end =
    failures.length === 0 ? ['nothing failed'] : [`${format(tally.failures)} failures:`, ...failures];
  return `${[head, ...rows, ...end].join('\n')}\n`;
}

/**
 * Puts the figures into a document, in place of those of the last campaign.
 *
 * @param file a Markdown file with a line `<!-- campaign -->` and, later, `<!-- end -->`
 * @throws Error when it has none
 */
export function writeFigures(file: string, tally: Tally, options: Options, seconds: number): void {
  const text = readFileSync(file, 'utf8');
  if (!BLOCK.test(text)) throw new Error(`${file} has no block between <!-- campaign --> and <!-- end -->`);
  writeFileSync(
    file,
    text.replace(BLOCK, (_, begin: string, end: string) => begin + figures(tally, options, seconds) + end),
  );
}

function figures(tally: Tally, { seed, minutes, lanes }: Options, seconds: number): string {
  const { version } = JSON.parse(readFileSync(join(PATHS.root, 'package.json'), 'utf8')) as {
    version: string;
  };
  const rows = [...tally.kinds].map(([name, { trials, counts, failures }]) => {
    const parts = Object.entries(counts).map(([what, count]) => `${format(count)} ${what}`);
    const times = [...failures.values()].reduce((sum, each) => sum + each.times, 0);
    return [name, format(trials), parts.join(', '), format(times)];
  });
  const length = minutes === null ? '--slice' : `--minutes ${minutes}`;
  const machine = `${os.availableParallelism()} cores of ${os.cpus()[0]?.model.trim() ?? 'an unknown kind'}`;
  const lines = [
    '',
    `\`npm run campaign -- ${length} --seed ${seed}\` on ${new Date().toISOString().slice(0, 10)}, lossnet ${version}${commit()}:`,
    `${Math.round(seconds / 60)} minutes, ${lanes} trials at a time, Node ${process.versions.node}, ${machine}.`,
    '',
    ...table([['kind', 'trials', 'what was tried', 'failures'], ...rows]),
    '',
    '',
  ];
  return lines.join('\n');
}

/** Rows of Markdown, aligned, the first as the head. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  const [head = [], ...body] = rows;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)];
}

function commit(): string {
  try {
    const hash = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: PATHS.root, encoding: 'utf8' });
    return ` at ${hash.trim()}`;
  } catch {
    return '';
  }
}

const format = (count: number): string => count.toLocaleString('en');
