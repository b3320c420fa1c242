import type { Dataset } from './dataset.js';

/**
 * How many samples there are of each class.
 *
 * @param dataset the samples, with classes for targets
 * @param records how many of them are in use, from the first on; default: all
 * @returns [classes]; null where real values are to be told
 */
export function classCounts(
  { spec: { target }, targets }: Dataset,
  records: number = targets.length,
): number[] | null {
  if (target.kind !== 'class') return null;
  const counts = new Array<number>(target.names.length).fill(0);
  for (let i = 0; i < records; i++) counts[targets[i]!]! += 1;
  return counts;
}
