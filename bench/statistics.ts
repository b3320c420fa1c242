/**
 * @param values at least one number
 * @returns the middle one, or the mean of the two in the middle
 */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/**
 * How many times as long one peer takes as another: the median over the rounds of the ratio within a round. Both were
 * measured within seconds then, so a machine that is slower for a minute slows both.
 *
 * @param times milliseconds per step, one per round
 * @param reference the same of the peer to compare with
 * @returns the ratio; above 1: slower than the reference
 */
export function ratio(times: readonly number[], reference: readonly number[]): number {
  return median(times.map((time, round) => time / reference[round]!));
}
