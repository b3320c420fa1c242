import { numberOf } from './values.js';

/** What a field is: no number, or one without decimals, with a point before them, or a comma. */
export const [NONE, WHOLE, POINT, COMMA] = [0, 1, 2, 3] as const;
export type NumberKind = typeof NONE | typeof WHOLE | typeof POINT | typeof COMMA;

const [PLUS, COMMA_BYTE, MINUS, POINT_BYTE, ZERO, UPPER_E, LOWER_E] = [43, 44, 45, 46, 48, 69, 101];

/** Those powers of ten that are exact. */
const POWERS = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));
/** So many digits are exact too, and so many still in 32 bits. */
const MOST_DIGITS = 15;
const SMALL_DIGITS = 9;
/** Splits a number into two of half as many bits. */
const HALVES = 2 ** 27 + 1;

/**
 * Reads a field as a number, straight from its bytes: most of a large table are, and a string of each would take longer.
 *
 * @param bytes of the table
 * @param start where the field begins
 * @param end where it ends
 * @param to where the number goes, the nearest that there is: NaN when it is none. A result would be an object of its own each time
 * @param row its position there
 * @returns what it is
 */
export function readNumber(
  bytes: Buffer,
  start: number,
  end: number,
  to: Float64Array,
  row: number,
): NumberKind {
  const first = bytes[start]!;
  let at = first === MINUS || first === PLUS ? start + 1 : start;
  let kind: NumberKind = WHOLE;
  let small = 0;
  let digits = 0;
  let point = end;
  for (; at < end; at++) {
    const byte = bytes[at]!;
    const digit = byte - ZERO;
    if (digit >= 0 && digit <= 9) {
      if (digits === SMALL_DIGITS) break;
      small = small * 10 + digit;
      digits += 1;
    } else if ((byte === POINT_BYTE || byte === COMMA_BYTE) && kind === WHOLE) {
      kind = byte === POINT_BYTE ? POINT : COMMA;
      point = at + 1;
    } else break;
  }
  if (at === end && digits > 0) {
    const size = small / POWERS[end - point]!;
    to[row] = first === MINUS ? -size : size;
    return kind;
  }
  return readLong(bytes, start, end, to, row);
}

/** The same of numbers with many digits or an exponent, and of what is none. */
function readLong(bytes: Buffer, start: number, end: number, to: Float64Array, row: number): NumberKind {
  const first = bytes[start]!;
  let at = first === MINUS || first === PLUS ? start + 1 : start;
  let kind: NumberKind = WHOLE;
  // The first fifteen digits, and as many after them.
  let high = 0;
  let low = 0;
  let digits = 0;
  let power = 0;
  let isNumber = false;
  for (; at < end; at++) {
    const byte = bytes[at]!;
    const digit = byte - ZERO;
    if (digit >= 0 && digit <= 9) {
      isNumber = true;
      if (kind !== WHOLE) power += 1;
      if (digits < MOST_DIGITS) high = high * 10 + digit;
      else low = low * 10 + digit;
      if (digits > 0 || digit > 0) digits += 1;
    } else if ((byte === POINT_BYTE || byte === COMMA_BYTE) && kind === WHOLE) {
      kind = byte === POINT_BYTE ? POINT : COMMA;
    } else break;
  }
  const exponent = at < end ? exponentOf(bytes, at, end) : 0;
  if (!isNumber || Number.isNaN(exponent)) {
    to[row] = Number.NaN;
    return NONE;
  }
  const size = sizeOf(high, low, digits, power - exponent);
  if (Number.isNaN(size)) {
    to[row] = numberOf(bytes.toString('latin1', start, end), kind === COMMA ? 'comma' : 'point');
  } else to[row] = first === MINUS ? -size : size;
  return kind;
}

/** Of `e-5`, -5; NaN where it is something else. */
function exponentOf(bytes: Buffer, from: number, end: number): number {
  if (bytes[from] !== LOWER_E && bytes[from] !== UPPER_E) return Number.NaN;
  const isSigned = bytes[from + 1] === MINUS || bytes[from + 1] === PLUS;
  const first = from + (isSigned ? 2 : 1);
  if (first >= end) return Number.NaN;
  let size = 0;
  for (let at = first; at < end; at++) {
    const byte = bytes[at]!;
    if (byte < ZERO || byte > ZERO + 9) return Number.NaN;
    size = Math.min(size * 10 + (byte - ZERO), 10_000);
  }
  return bytes[from + 1] === MINUS ? -size : size;
}

/**
 * The number nearest to all of its digits divided by a power of ten; NaN where it takes more to find out.
 *
 *     digits <= 15:  both exact, so that one quotient or product is the nearest
 *     else:          q = digits / power, rounded; r = digits - q * power, exact but for its last bits; q + r / power is the nearest,
 *                    unless so close to the middle of two that those bits decide
 *
 * @source Dekker 1971, A floating-point technique for extending the available precision
 */
function sizeOf(high: number, low: number, digits: number, power: number): number {
  if (high === 0) return 0;
  const scale = Math.abs(power);
  if (scale >= POWERS.length) return Number.NaN;
  if (digits <= MOST_DIGITS) return power >= 0 ? high / POWERS[scale]! : high * POWERS[scale]!;
  if (power < 0 || digits > 2 * MOST_DIGITS) return Number.NaN;
  const divisor = POWERS[power]!;
  const shift = POWERS[digits - MOST_DIGITS]!;
  const upper = high * shift;
  const near = (upper + low) / divisor;
  const back = near * divisor;
  const rest = upper - back + lost(high, shift, upper) - lost(near, divisor, back) + low;
  const more = rest / divisor;
  const nearest = near + more;
  const error = more - (nearest - near);
  return nearest + error * (1 + 1e-6) === nearest ? nearest : Number.NaN;
}

/** What rounding took from a product. */
function lost(a: number, b: number, product: number): number {
  const [p, q] = [HALVES * a, HALVES * b];
  const aHigh = p - (p - a);
  const bHigh = q - (q - b);
  const [aLow, bLow] = [a - aHigh, b - bHigh];
  return aHigh * bHigh - product + aHigh * bLow + aLow * bHigh + aLow * bLow;
}
