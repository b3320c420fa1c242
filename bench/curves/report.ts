import type { DiagnosisKind } from '../../src/train/diagnosis.js';
import { table } from '../report.js';
import { type Confusion, confusionOf, scoreOf } from './confusion.js';
import { type LabelledCurve, PARTS, type Part } from './fixture.js';
import { TRUTHS } from './label.js';

const SAID: readonly DiagnosisKind[] = [
  'diverged',
  'too_large',
  'too_slow',
  'too_short',
  'overfitting',
  'plateau',
  'healthy',
];

/** What the earlier rules said of the same curves, kept as it was. */
export type Before = Readonly<Record<Part, Confusion>>;

/**
 * @param curves whose truth is known
 * @param unclear how many were left out
 * @param before what the earlier rules said of the same curves
 * @returns DIAGNOSIS.md: what the diagnosis is worth, for people
 */
export function report(curves: readonly LabelledCurve[], unclear: number, before: Before): string {
  const after = Object.fromEntries(
    PARTS.map((part) => [part, confusionOf(curves.filter((curve) => curve.part === part))]),
  ) as unknown as Before;
  const rows = PARTS.flatMap((part) =>
    (
      [
        ['before', before],
        ['now', after],
      ] as const
    ).map(([when, matrices]) => {
      const { all, right, wellCalledIll } = scoreOf(matrices[part]);
      const share = `${((right / all) * 100).toFixed(1)} %`;
      return [`${NAMES[part]}, ${when}`, String(all), String(right), share, String(wellCalledIll)];
    }),
  );
  return `${[
    '# What the diagnosis is worth',
    'Written by `npm run bench:curves`; do not edit.',
    `Small models on shapes, tables and texts with sgd, momentum, adam, adamw and rmsprop, each at learning rates half a power of ten apart and three times as long as the curve that is judged. What is true of a curve is said by its neighbours and by the epochs that follow, never by the rules: see bench/curves/label.ts. There are ${curves.length} curves; ${unclear} others are left out, since nothing clear is true of them, and so are all but the two next to the right ones of the rates that are too small or too large, which are easy to tell. The rules were made on one half of those with seed 0, chosen by a hash of the names; the other was held out. It was looked at once, when 93.5 % of it were told right (174 of 186, far rates among them), which showed mistakes that were no matter of taste (a curve bent for a zigzag, the noise of small batches for a rise) and led to the last change of the rules; so nine kinds were trained anew with seed 1, other weights, order and tables, for a part that nobody had seen: fresh.`,
    table(['curves', 'all', 'right', '', 'well, but called ill'], rows),
    'Right of a run that is too small or slow is that it is so, or that it is to be trained longer; of one that is still improving, that it is healthy, or to be trained longer.',
    ...PARTS.flatMap((part) => [
      `## ${NAMES[part]}, before`,
      matrix(before[part]),
      `## ${NAMES[part]}, now`,
      matrix(after[part]),
    ]),
  ].join('\n\n')}\n`;
}

const NAMES = { made: 'Made on', held_out: 'Held out', fresh: 'Fresh' } as const;

function matrix(confusion: Confusion): string {
  return table(
    ['true, said', ...SAID],
    TRUTHS.flatMap((truth) => {
      const row = confusion[truth];
      return row === undefined ? [] : [[truth, ...SAID.map((kind) => String(row[kind] ?? ''))]];
    }),
  );
}
