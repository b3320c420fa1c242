import { barChart } from '../bars.js';
import { PEER, RANKS, type Result } from './two-ranks.js';

/** What two ranks are held against, in words for a plot, and what of it is compared: a multiple of its images per second. */
export const REFERENCES = [
  { kind: 'one process, one core', times: RANKS, title: 'of twice one rank alone' },
  { kind: 'one process, two cores', times: 1, title: 'of one process with two cores' },
  { kind: PEER, times: 1, title: 'of PyTorch DDP over gloo' },
] as const;

/**
 * @param result what was found in a setting
 * @param reference who two ranks are held against
 * @returns how many times as many images per second two ranks train; null when the other was not there
 */
export function timesAsFast(
  { figures }: Result,
  { kind, times }: (typeof REFERENCES)[number],
): number | null {
  const other = figures[kind]?.imagesPerSecond;
  return other === undefined ? null : figures['two ranks']!.imagesPerSecond / (times * other);
}

/**
 * Draws how many times as fast two ranks are as each of the others: a group of bars for each setting, a line at 1.
 *
 * @param results what was found
 * @returns an SVG image
 */
export function plotRanks(results: readonly Result[]): string {
  const there = REFERENCES.filter(({ kind }) => results.some(({ figures }) => figures[kind]));
  return barChart({
    title: 'Images per second of two ranks and of others',
    heading: 'Images per second of two ranks on one machine, in multiples',
    names: there.map(({ title }) => title),
    groups: results.map((result) => ({
      title: `${result.model}, batch ${result.batch}`,
      values: there.map((reference) => timesAsFast(result, reference)),
    })),
    digits: 2,
  });
}
