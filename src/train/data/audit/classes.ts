import { formatCount } from '../../../base/format.js';
import { ACCURACY, BALANCED_ACCURACY } from '../../task/metrics.js';
import { classCounts } from '../dataset.js';
import type { Finding } from './finding.js';
import { distinctParts, type PartsOfData } from './samples.js';

/** A class with more than so many times the samples of another gets most of the attention. */
const UNEVEN = 10;

/**
 * Finds classes that a part has not, and whether some have many more samples than others.
 *
 * @param parts of a data set
 * @returns what was found; nothing where real values are to be told, or the next token: rare ones are in the nature of a text
 */
export function findUnevenClasses(parts: PartsOfData): Finding[] {
  const { target } = parts.train.spec;
  if (target.kind !== 'class' || target.of === 'token') return [];
  const missing = distinctParts(parts).flatMap((dataset): Finding[] => {
    const { split } = dataset.identity;
    const counts = classCounts(dataset)!;
    const names = target.names.filter((_, i) => counts[i] === 0);
    if (names.length === 0) return [];
    const isTrain = split === 'train';
    return [
      {
        kind: 'missing_class',
        level: isTrain ? 'error' : 'warning',
        message: `the ${split} part has no sample of ${names.length === 1 ? 'a class' : `${names.length} classes`}`,
        places: names.slice(0, 5),
        count: names.length,
        remedy: isTrain
          ? 'a class that is never seen cannot be told: collect samples, or leave the class out'
          : 'its figures say nothing of these: share out by: random with stratify: true, or collect more',
      },
    ];
  });
  const counts = classCounts(parts.train)!;
  const seen = counts.filter((count) => count > 0);
  const [least, most] = [Math.min(...seen), Math.max(...seen)];
  if (most <= UNEVEN * least) return missing;
  const of = (count: number) => `${target.names[counts.indexOf(count)]} ${formatCount(count)}`;
  return [
    ...missing,
    {
      kind: 'imbalance',
      level: 'warning',
      message: `classes have very different numbers of training samples: ${of(most)}, ${of(least)}`,
      places: [of(most), of(least)],
      count: 2,
      remedy: `${ACCURACY.name} hides the rare ones: look at eval_${BALANCED_ACCURACY.name}; try loss.weight: balanced, or loader.sampler: balanced`,
    },
  ];
}
