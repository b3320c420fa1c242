import { formatCount, plural } from '../../base/format.js';
import type { RunRecord } from './read.js';

/** The part of the data that a figure is of. */
export type Part = 'train' | 'eval';

/** Images that figures are of, in words, and whose figures they are. */
export interface Sample {
  readonly images: string;
  readonly names: readonly string[];
}

/**
 * Which images the figures of a run are of. Only figures of the same images say which run is better.
 *
 * @param record of the run
 * @param part training or evaluation
 * @returns words that are the same for the same images; null: nothing is recorded
 */
export function imagesOf({ start, config }: RunRecord, part: Part): string | null {
  const identity = start?.[part] ?? null;
  if (identity === null) return null;
  const { name, split, records, sha256 } = identity;
  const limit = part === 'eval' ? config.evaluation.limit : config.loader.limit;
  const count = limit !== null && limit < records ? `the first ${formatCount(limit)} of ` : '';
  return `${count}${plural(records, `${split} image`)} of ${name} (sha256 ${sha256.slice(0, 12)})`;
}

/**
 * Groups runs by the images that their figures are of.
 *
 * @param runs what each is called, and its record
 * @param part training or evaluation
 * @returns the groups; null where there are less than two: nothing speaks against comparing
 */
export function differentSamples(
  runs: readonly { readonly name: string; readonly record: RunRecord }[],
  part: Part,
): Sample[] | null {
  const names = new Map<string, string[]>();
  for (const { name, record } of runs) {
    const images = imagesOf(record, part);
    if (images === null) continue;
    const group = names.get(images) ?? [];
    if (!group.includes(name)) group.push(name);
    names.set(images, group);
  }
  return names.size < 2 ? null : [...names].map(([images, group]) => ({ images, names: group }));
}
