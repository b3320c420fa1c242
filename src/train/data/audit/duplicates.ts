import { createHash } from 'node:crypto';
import { plural } from '../../../base/format.js';
import { sampleNoun, unitOf } from '../dataset.js';
import { type Finding, MOST_PLACES } from './finding.js';
import { lookAlikes } from './look-alikes.js';
import { inputBytes, nameOf, type PartsOfData, type Sample, samplesOf, targetText } from './samples.js';

/**
 * Finds samples that occur more than once: in several parts, so that a model is judged by what it has learnt by heart; with
 * different things to be told; or within a part. Pictures that look alike across parts are found too.
 *
 * @param parts of a data set
 * @returns what was found
 */
export function findDuplicates(parts: PartsOfData): Finding[] {
  const { spec } = parts.train;
  const [noun, unit] = [sampleNoun(spec), unitOf(spec)];
  const groups = groupsOf(parts);
  const across = groups.filter((group) => new Set(group.map(({ part }) => part)).size > 1);
  const contradicting = groups.filter(
    (group) => new Set(group.map(({ dataset, record }) => targetText(dataset, record))).size > 1,
  );
  const within = groups.filter((group) => !across.includes(group) && !contradicting.includes(group));
  // In a text the same stretch may well come twice, and go on in another way: that is what there is to learn.
  const isText = spec.input.kind === 'tokens';
  const alike = spec.input.kind === 'image' ? lookAlikes(parts) : [];
  const found = (
    kind: Finding['kind'],
    level: Finding['level'],
    list: readonly (readonly Sample[])[],
    message: string,
    remedy: string,
  ): Finding[] =>
    list.length === 0
      ? []
      : [{ kind, level, message, remedy, count: list.length, places: list.slice(0, MOST_PLACES).map(pair) }];
  const apart = isText
    ? 'see whether the text repeats itself: remove what comes twice'
    : `keep them in one part: dataset.split.by: hash does${spec.input.kind === 'image' ? '' : ', or group: <column>'}; or remove the copies`;
  return [
    ...found(
      'duplicates_across_parts',
      // Rows of few columns may be alike and still be different samples.
      spec.input.kind === 'image' ? 'error' : 'warning',
      across,
      `${plural(across.length, noun)} ${across.length === 1 ? 'occurs' : 'occur'} in more than one part: figures would be of what was learnt by heart`,
      apart,
    ),
    ...found(
      'near_duplicates_across_parts',
      'warning',
      alike,
      `${plural(alike.length, 'pair')} of ${unit} in different parts ${alike.length === 1 ? 'looks' : 'look'} nearly the same`,
      'see whether they show the same thing, such as frames of one film; if so keep them in one part',
    ),
    ...found(
      'different_labels',
      'warning',
      isText ? [] : contradicting,
      `${plural(contradicting.length, noun)} ${contradicting.length === 1 ? 'occurs' : 'occur'} with different things to be told`,
      `decide which is right${spec.input.kind === 'image' ? '' : '; rows of few columns may be alike for good reason'}`,
    ),
    ...found(
      'duplicates',
      'warning',
      isText ? [] : within,
      `${plural(within.length, noun)} ${within.length === 1 ? 'occurs' : 'occur'} more than once in a part`,
      'remove the copies, unless they are meant to count more than once',
    ),
  ];
}

/** Samples that are the same to the last byte, where there are several. */
function groupsOf(parts: PartsOfData): Sample[][] {
  const groups = new Map<string, Sample[]>();
  for (const sample of samplesOf(parts)) {
    const hash = createHash('sha1').update(inputBytes(sample.dataset, sample.record)).digest('base64');
    const group = groups.get(hash);
    if (group) group.push(sample);
    else groups.set(hash, [sample]);
  }
  return [...groups.values()].filter(({ length }) => length > 1);
}

/** Two of them, from different parts or with different targets where there are such. */
function pair(group: readonly Sample[]): string {
  const [first, ...others] = group;
  const told = (sample: Sample) => targetText(sample.dataset, sample.record);
  const other =
    others.find(({ part }) => part !== first!.part) ??
    others.find((sample) => told(sample) !== told(first!)) ??
    others[0];
  const [a, b] = [first!, other!].map((sample) => ({ name: nameOf(sample), told: told(sample) }));
  const labels = a!.told === b!.told ? ['', ''] : [` (${a!.told})`, ` (${b!.told})`];
  return `${a!.name}${labels[0]} and ${b!.name}${labels[1]}`;
}
