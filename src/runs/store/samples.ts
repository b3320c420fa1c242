import { formatCount, plural } from '../../base/format.js';
import { type SampleNoun, sampleNoun } from '../../train/data/dataset.js';
import type { Part } from './figures.js';
import type { RunRecord } from './read.js';

/** Samples that figures are of, in words, and whose figures they are. */
export interface SampleGroup {
  readonly samples: string;
  readonly names: readonly string[];
}

/** By the kind of the data, where they are no images. */
const OTHER_NOUNS: Readonly<Record<string, SampleNoun>> = { csv: 'row', text: 'sequence' };

/** Only data of one's own have to be there to be known. */
const nounOfRun = ({ spec, config }: RunRecord) =>
  spec === null ? (OTHER_NOUNS[config.dataset.type] ?? 'image') : sampleNoun(spec);

/** What to call a sample of all these runs. */
export function nounOf(runs: readonly RunRecord[]): SampleNoun | 'sample' {
  const [noun = 'sample', ...others] = new Set(runs.map(nounOfRun));
  return others.length === 0 ? noun : 'sample';
}

/**
 * Which samples the figures of a run are of. Only figures of the same samples say which run is better.
 *
 * @param record of the run
 * @param part of the data
 * @returns words that are the same for the same samples; null: nothing is recorded
 */
function samplesOf(record: RunRecord, part: Part | 'test'): string | null {
  const { start, config } = record;
  const identity = start?.[part] ?? null;
  if (identity === null) return null;
  const { name, split, records, sha256 } = identity;
  const limits = { train: config.loader.limit, eval: config.evaluation.limit, test: null };
  const limit = limits[part];
  const count = limit !== null && limit < records ? `the first ${formatCount(limit)} of ` : '';
  return `${count}${plural(records, `${split} ${nounOfRun(record)}`)} of ${name} (sha256 ${sha256.slice(0, 12)})`;
}

/**
 * @param record of a run
 * @param part of the data
 * @returns how many independent samples its figures are of; null: nothing is recorded, or they are parts of sequences, of which
 * one has many
 */
export function countOf({ start, config }: RunRecord, part: Part): number | null {
  const identity = start?.[part] ?? null;
  if (identity === null || config.dataset.type === 'text') return null;
  const limit = part === 'eval' ? config.evaluation.limit : config.loader.limit;
  return Math.min(identity.records, limit ?? Number.POSITIVE_INFINITY);
}

/**
 * Groups runs by the samples that their figures are of.
 *
 * @param runs what each is called, and its record
 * @param part of the data
 * @returns the groups; null where there are less than two: nothing speaks against comparing
 */
export function differentSamples(
  runs: readonly { readonly name: string; readonly record: RunRecord }[],
  part: Part | 'test',
): SampleGroup[] | null {
  const names = new Map<string, string[]>();
  for (const { name, record } of runs) {
    const samples = samplesOf(record, part);
    if (samples === null) continue;
    const group = names.get(samples) ?? [];
    if (!group.includes(name)) group.push(name);
    names.set(samples, group);
  }
  return names.size < 2 ? null : [...names].map(([samples, group]) => ({ samples, names: group }));
}
