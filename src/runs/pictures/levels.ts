/**
 * Heights to draw lines at: those with which every band between two of them covers a share of the picture. Of a valley and of a
 * cliff in one picture both are seen so, which equally distant heights would not show.
 *
 * @param values of the picture's points; those that are not finite do not count
 * @param count how many lines
 * @returns the heights, rising, none twice; none where all values are the same
 */
export function levelsOf(values: Iterable<number>, count: number): number[] {
  const sorted = Float64Array.from([...values].filter(Number.isFinite)).sort();
  if (sorted.length === 0 || sorted[0] === sorted.at(-1)) return [];
  // Closer together where it is low: that is where paths end.
  const shares = Array.from({ length: count }, (_, i) => ((i + 1) / (count + 1)) ** 1.5);
  const levels = shares.map((share) => sorted[Math.floor(share * (sorted.length - 1))]!);
  return [...new Set(levels)].filter((level) => level > sorted[0]!);
}
