/** Two digits: more would be read as more than medians tell. 0.00052, 2.1e-7 */
export const short = (value: number): string => String(Number(value.toPrecision(2)));

/** `1.5`, `12`, `340` times. */
export const times = (factor: number): string => (factor < 9.95 ? factor.toFixed(1) : short(factor));

/** `0.00052 to 0.0013`, or `0.00052` where that is all. */
export function range(values: readonly number[]): string {
  const [least, greatest] = [short(Math.min(...values)), short(Math.max(...values))];
  return least === greatest ? least : `${least} to ${greatest}`;
}
