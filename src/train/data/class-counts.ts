import { type Dataset, targetsOf } from './dataset.js';

/**
 * How many samples there are of each class; where a sample has several targets, how many of these.
 *
 * @param dataset the samples, with classes for targets
 * @param records how many of them are in use, from the first on
 * @returns [classes]; null where real values are to be told
 */
export function classCounts(dataset: Dataset, records: number): number[] | null {
  const { target } = dataset.spec;
  if (target.kind !== 'class') return null;
  const counts = new Array<number>(target.names.length).fill(0);
  if (target.length !== undefined) {
    for (let i = 0; i < records; i++) for (const own of targetsOf(dataset, i)) counts[own]! += 1;
    return counts;
  }
  // A table may have millions of rows.
  for (let i = 0; i < records; i++) counts[dataset.targets[i]!]! += 1;
  return counts;
}
