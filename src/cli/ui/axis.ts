// d3-scale (ISC) is what the field takes for scales and for where ticks belong, linear and logarithmic alike.
import { scaleLinear, scaleLog } from 'd3-scale';

export type ScaleType = 'linear' | 'log';

export interface Tick {
  readonly value: number;
  readonly label: string;
}

/** From values to dots of a canvas, and the values worth a label. */
export interface Axis {
  /** @returns the dot, from 0; NaN for a value that has no place, such as 0 on a logarithmic axis */
  position(value: number): number;
  /**
   * About `count` ticks at round values, those first that are to be kept when there is no room for all.
   *
   * @param isWhole whether values between whole numbers mean nothing, as between two epochs
   */
  ticks(count: number, isWhole: boolean): Tick[];
}

/**
 * @param values what is to be shown; those that are not finite, or have no logarithm, do not count
 * @param type of the scale
 * @param dots length of the axis
 * @param nice whether it may reach beyond the values, to the next round ones
 * @returns the axis
 */
export function axisFor(values: Iterable<number>, type: ScaleType, dots: number, nice: boolean): Axis {
  const [low, high] = extent(values, type);
  const scale = (type === 'log' ? scaleLog() : scaleLinear()).domain([low, high]).range([0, dots - 1]);
  if (nice && type === 'linear') scale.nice(5);
  return {
    position: (value) => (isShown(value, type) ? Math.round(scale(value)) : Number.NaN),
    ticks: (count, isWhole) => {
      const round = type === 'log' ? byRoundness(scale.ticks(count)) : scale.ticks(count);
      const values = isWhole ? round.filter(Number.isInteger) : round;
      const decimals = Math.max(...values.map(decimalsOf), 0);
      return values.map((value) => ({ value, label: labelOf(value, type === 'log' ? null : decimals) }));
    },
  };
}

/** Whether a value has a place on an axis. */
export function isShown(value: number, type: ScaleType): boolean {
  return Number.isFinite(value) && (type === 'linear' || value > 0);
}

/** Smallest and largest; values that are all the same get some room around them. */
function extent(values: Iterable<number>, type: ScaleType): [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (!isShown(value, type)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low < high) return [low, high];
  if (low > high) return [1, 2];
  if (type === 'log') return [low / 2, low * 2];
  const room = Math.abs(low) / 10 || 1;
  return [low - room, low + room];
}

/** Powers of ten alone where there are several, else those first, then 5 and 2 times one, then the rest. */
function byRoundness(values: readonly number[]): number[] {
  const rank = (value: number) => ['1', '5', '2'].indexOf(value.toExponential(0).charAt(0)) >>> 0;
  const powers = values.filter((value) => rank(value) === 0);
  return powers.length > 2 ? powers : [...values].sort((a, b) => rank(a) - rank(b) || a - b);
}

function decimalsOf(value: number): number {
  return /\.(\d+)$/.exec(String(Number(value.toPrecision(12))))?.[1]?.length ?? 0;
}

/** Plain up to five characters, else the shorter of 0.0001 and 1e-4. */
function labelOf(value: number, decimals: number | null): string {
  const exact = Number(value.toPrecision(12));
  const plain = decimals === null ? String(exact) : exact.toFixed(Math.min(decimals, 20));
  const short = exact.toExponential().replace('e+', 'e');
  return plain.length > 5 && short.length < plain.length ? short : plain;
}
