import { formatPercent } from '../../base/format.js';

/** A number of a chart or table: four significant digits, percent for shares; `not finite` for null. */
export function chartNumber(value: number | null, percent = false): string {
  if (value === null) return 'not finite';
  if (percent) return formatPercent(value);
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return value.toExponential(3);
  return size >= 1000 ? value.toFixed(1) : value.toPrecision(4);
}
