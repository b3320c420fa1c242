import { table } from '../report.js';
import type { Log } from '../trained.js';
import type { Reached } from './grid.js';
import { nameOf, type Pair, pairs } from './pairs.js';
import type { Suggested } from './suggest.js';

/** A run is lost below this share of the best accuracy of the grid. */
const LOST = 0.5;
/** A suggestion is near the best learning rate of the grid within this factor. */
const NEAR = 3;

/** What was asked for, and what became of it. */
interface Row {
  readonly pair: Pair;
  readonly seed: number;
  readonly lr: number | null;
  readonly isLost: boolean;
  readonly isNear: boolean;
  readonly wasLowered: boolean;
  /** Accuracy at the suggestion, as a share of the best of the grid. */
  readonly share: number;
}

/**
 * @param trained what training came to
 * @param suggested what lr-find said
 * @param seeds how many of each pair are wanted
 * @returns LR.md: what suggestions are worth, for people
 */
export function report(trained: Log<Reached>, suggested: Log<Suggested>, seeds: number): string {
  const rows = pairs.flatMap((pair) =>
    Array.from({ length: seeds }, (_, seed) => rowOf(pair, seed, trained, suggested)).filter(
      (row) => row !== null,
    ),
  );
  const share = (count: number) => `${count} of ${rows.length}`;
  const given = rows.filter(({ lr }) => lr !== null);
  return `${[
    '# What suggestions of lr-find are worth',
    'Written by `npm run bench:lr`; do not edit. It goes on where it was stopped.',
    `The pairs of docs/learning-rate.md, 4 epochs of 5,000 images in batches of 64, one thread. The grid, half powers of ten, is trained with seed 0 and serves all seeds; a suggestion is asked for and trained with each seed, of ${seeds}. Best is the learning rate of the grid with the highest accuracy on 1,000 other images after the last epoch; lost is a run below half of that accuracy, or whose loss is not finite; near is a suggestion within a factor of 3 of the best.`,
    table(
      ['', 'found', 'wanted'],
      [
        ['suggestions asked for', String(rows.length), String(pairs.length * seeds)],
        ['none given', share(rows.length - given.length), ''],
        ['lost at the suggestion', share(given.filter(({ isLost }) => isLost).length), '0'],
        ['near the best', share(given.filter(({ isNear }) => isNear).length), '90 %'],
        ['lower than the curve alone says', share(given.filter(({ wasLowered }) => wasLowered).length), ''],
      ],
    ),
    '## By pair',
    'Accuracy of the grid, at the learning rates around its best; the suggestions, in the order of the seeds; and the accuracy that training at them came to.',
    table(
      ['pair', 'best of the grid', 'accuracy', 'lost from', 'suggested', 'accuracy there'],
      pairs.flatMap((pair) => pairRow(pair, rows, trained)),
    ),
  ].join('\n\n')}\n`;
}

function rowOf(pair: Pair, seed: number, trained: Log<Reached>, suggested: Log<Suggested>): Row | null {
  const asked = suggested.get(`${nameOf(pair)} seed ${seed}`);
  const best = bestOf(pair, trained);
  if (asked === undefined || best === null) return null;
  const { lr } = asked;
  const run = lr === null ? undefined : trained.get(`${nameOf(pair)} ${lr} seed ${seed}`);
  if (lr !== null && run === undefined) return null;
  const share = (run?.accuracy ?? 0) / best.accuracy;
  return {
    ...{ pair, seed, lr, share },
    isLost: lr !== null && share < LOST,
    isNear: lr !== null && Math.max(lr / best.lr, best.lr / lr) <= NEAR,
    wasLowered: lr !== null && lr !== asked.computedLr,
  };
}

function gridOf(pair: Pair, trained: Log<Reached>): { lr: number; accuracy: number }[] {
  return pair.lrs.flatMap((lr) => {
    const run = trained.get(`${nameOf(pair)} ${lr} seed 0`);
    return run ? [{ lr, accuracy: run.accuracy ?? 0 }] : [];
  });
}

/** null: the grid is not whole yet. */
function bestOf(pair: Pair, trained: Log<Reached>): { lr: number; accuracy: number } | null {
  const grid = gridOf(pair, trained);
  return grid.length < pair.lrs.length ? null : grid.reduce((a, b) => (b.accuracy > a.accuracy ? b : a));
}

function pairRow(pair: Pair, rows: readonly Row[], trained: Log<Reached>): string[][] {
  const best = bestOf(pair, trained);
  if (best === null) return [];
  const own = rows.filter((row) => row.pair === pair);
  const lost = gridOf(pair, trained).find(
    ({ lr, accuracy }) => lr > best.lr && accuracy < LOST * best.accuracy,
  );
  return [
    [
      nameOf(pair),
      String(best.lr),
      best.accuracy.toFixed(3),
      lost ? String(lost.lr) : '',
      own.map(({ lr }) => lr ?? 'none').join(', '),
      own.map(({ share, lr }) => (lr === null ? '' : (share * best.accuracy).toFixed(3))).join(', '),
    ],
  ];
}
