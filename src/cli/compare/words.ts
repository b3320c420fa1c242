import { plural } from '../../base/format.js';
import { VERSION } from '../../base/package.js';
import { listing, wrap } from '../../config/problems/text.js';
import type { CompareEvent } from '../../runs/compare/events.js';
import type { Io } from '../io.js';
import { textWidth } from '../ui/style.js';

/** Says what is about to be trained. */
export function describeStart(
  { variants, notes, folder, left }: Extract<CompareEvent, { type: 'planned' }>,
  io: Io,
): void {
  const { bold, dim } = io.style.err;
  const runs = variants.flatMap((variant) => variant.runs).length;
  const files = [...new Set(variants.map(({ file }) => file))];
  io.log(`${bold(`lossnet ${VERSION}`)}  ${dim('compare')}`);
  for (const note of notes) io.log(`note: ${note}`);
  const width = textWidth(io.stderr) - 'variants '.length;
  const done = left.length === runs ? '' : `, ${runs - left.length} of them done already`;
  const lines = {
    variants: variants.map(({ name }) => name).join(', '),
    config: files.join(', '),
    runs: `${plural(runs, 'run')} in ${folder}${done}`,
  };
  for (const [label, text] of Object.entries(lines)) {
    for (const [i, line] of wrap(text, width).entries()) {
      io.log(`${i === 0 ? dim(label.padEnd('variants'.length)) : ' '.repeat('variants'.length)} ${line}`);
    }
  }
}

/** Which trials go on, and how far. */
export function rungText({ epochs, of, trials }: Extract<CompareEvent, { type: 'rung' }>): string {
  const at = of.indexOf(epochs) + 1;
  return `rung ${at} of ${of.length}: ${plural(trials, 'trial')} to epoch ${epochs}`;
}

/** Whose grid grows, and by what. */
export function grownText({ variants, trials }: Extract<CompareEvent, { type: 'grown' }>): string {
  const isOne = variants.length === 1;
  return `the best of ${listing(variants)} ${isOne ? 'lies' : 'lie'} at the edge of ${isOne ? 'its grid, which grows' : 'their grids, which grow'}: one more trial for each variant (${trials.join(', ')})`;
}

/** Whose grid would have to grow, and may not. */
export function notGrownText({ variants }: Extract<CompareEvent, { type: 'not_grown' }>): string {
  const isOne = variants.length === 1;
  return `the best of ${listing(variants)} ${isOne ? 'lies' : 'lie'} at the edge of ${isOne ? 'its grid, which grows' : 'their grids, which grow'} no further: that could take longer than --max-runs allows`;
}
