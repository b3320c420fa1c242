import type { Machine } from '../machine.js';
import { REFERENCES, timesAsFast } from './plot.js';
import { describe, table } from './table.js';
import { EPOCHS, type Result } from './two-ranks.js';

/** What `npm run bench:parallel` found. */
export interface RanksResults {
  readonly machine: Machine;
  readonly rounds: number;
  readonly results: readonly Result[];
}

/**
 * @param results what was measured
 * @returns the part of the page that says what two ranks on one machine are worth
 */
export function ranksReport({ machine, results, rounds }: RanksResults): string {
  const rows = results.map((result) => {
    const { imagesPerSecond, waited, peakMb, startSeconds } = result.figures['two ranks']!;
    return [
      result.model,
      result.batch,
      imagesPerSecond.toFixed(0),
      ...REFERENCES.map((reference) => timesAsFast(result, reference)?.toFixed(2) ?? '-'),
      `${((waited ?? 0) * 100).toFixed(0)} %`,
      `${peakMb?.toFixed(0)} MB`,
      `${startSeconds?.toFixed(1)} s`,
    ];
  });
  const head = [
    ...['model', 'batch', 'two ranks, images/s', ...REFERENCES.map(({ title }) => title)],
    ...['adding up and waiting', 'peak memory per rank', 'to the first line'],
  ];
  const times = rounds === 1 ? 'measured once' : `medians of ${rounds} rounds`;
  return `# Two ranks on one machine

${describe(machine)}. Images per second in the last of ${EPOCHS} epochs, ${times}; written by \`npm run bench:parallel\`.

![images per second of two ranks, in multiples of others](parallel.svg)

${table(head, rows)}
`;
}
