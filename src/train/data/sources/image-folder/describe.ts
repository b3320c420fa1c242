import { formatCount, plural } from '../../../../base/format.js';
import { quoted, some } from '../../data-error.js';
import type { Sample } from './datasets.js';
import type { Scan } from './scan.js';

/** The samples of each part. */
export interface SampleParts {
  readonly train: readonly Sample[];
  readonly val: readonly Sample[];
  readonly test: readonly Sample[];
}

/** How the pictures were taken, and what was left out of the folders. */
export function notesOn(root: string, { classes, leftOut, val }: Scan, parts: SampleParts): string[] {
  const { train, val: chosen, test } = parts;
  const all = [...train, ...chosen, ...test];
  const counts = new Array<number>(classes.length).fill(0);
  for (const { label } of all) counts[label]! += 1;
  const named = classes.map((name, label) => `${quoted(name)} ${formatCount(counts[label]!)}`);
  const held =
    val === null
      ? `${formatCount(chosen.length)} held out to choose with`
      : `${formatCount(chosen.length)} to choose with`;
  const end = test.length === 0 ? '' : `, ${formatCount(test.length)} for the end`;
  return [
    `${root}, ${plural(all.length, 'picture')} of ${classes.length} classes (${some(named, named.length, 10)}): ${formatCount(train.length)} to train on, ${held}${end}`,
    ...(leftOut === '' ? [] : [`${root}: left out: ${leftOut}`]),
  ];
}

/** What makes figures better than they are: the same picture in two parts, or with two labels. */
export function warningsOn(root: string, { classes }: Scan, { train, val, test }: SampleParts): string[] {
  const labels = new Map<string, Set<number>>();
  for (const { hash, label } of [...train, ...val, ...test]) {
    const own = labels.get(hash);
    if (own) own.add(label);
    else labels.set(hash, new Set([label]));
  }
  const twice = [...labels.values()].filter((own) => own.size > 1);
  const [example] = twice;
  const names = example && [...example].map((label) => quoted(classes[label]!)).join(' and ');
  const shared = sharedBy({ train, val, test });
  return [
    ...(twice.length === 0
      ? []
      : [`${root}: ${plural(twice.length, 'picture')} in folders of several classes, such as ${names}.`]),
    ...(shared === 0
      ? []
      : [
          `${root}: ${plural(shared, 'picture')} in more than one part: figures of what was trained on are too good.`,
        ]),
  ];
}

function sharedBy(parts: SampleParts): number {
  const seen = new Map<string, number>();
  const shared = new Set<string>();
  for (const [part, samples] of Object.values(parts).entries()) {
    for (const { hash } of samples) {
      if ((seen.get(hash) ?? part) !== part) shared.add(hash);
      seen.set(hash, part);
    }
  }
  return shared.size;
}
