/**
 * Class weights with which every class counts alike, however many samples are of it:
 *
 *     weight[c] = n / (classes * count[c])
 *
 * n samples are of the classes that count. The mean of the weights over these samples is 1.
 *
 * @param counts how many samples are of each class; of every class that counts, at least one
 * @param ignoreIndex the class whose samples do not count: its weight is 1; one that no sample is of: all do
 * @returns [classes]
 * @source sklearn.utils.class_weight.compute_class_weight("balanced")
 */
export function balancedWeights(counts: readonly number[], ignoreIndex: number): number[] {
  const counted = counts.filter((_, c) => c !== ignoreIndex);
  const samples = counted.reduce((sum, count) => sum + count, 0);
  return counts.map((count, c) => (c === ignoreIndex ? 1 : samples / (counted.length * count)));
}
