const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/**
 * @param text such as a field of a table, or the name of a class
 * @returns the number that it is, with a point before its decimals; NaN when it is none. Infinity and the like are none
 */
export function plainNumber(text: string): number {
  const first = text.charCodeAt(0);
  let at = first === MINUS || first === PLUS ? 1 : 0;
  // In a table of millions of numbers, most are digits with a point among them: those are read here, three times as fast.
  let [mantissa, digits, decimals] = [0, 0, -1];
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code >= ZERO && code <= NINE) {
      mantissa = mantissa * 10 + (code - ZERO);
      digits += 1;
      if (decimals >= 0) decimals += 1;
    } else if (code === POINT && decimals < 0) decimals = 0;
    // What begins as no number is none; an exponent, or what only begins as one.
    else return digits > 0 && NUMBER.test(text) ? Number(text) : Number.NaN;
  }
  if (digits === 0) return Number.NaN;
  // Both exact, so that the quotient is the nearest number there is.
  const isExact = mantissa <= Number.MAX_SAFE_INTEGER && decimals < POWERS.length;
  if (!isExact) return Number(text);
  const size = decimals > 0 ? mantissa / POWERS[decimals]! : mantissa;
  return first === MINUS ? -size : size;
}

const [PLUS, MINUS, POINT, ZERO, NINE] = ['+', '-', '.', '0', '9'].map((text) => text.charCodeAt(0)) as [
  ...[number, number, number, number, number],
];

/** Those powers of ten that are exact. */
const POWERS = Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

/** In the order in which classes and categories are numbered: numbers by size, then texts by their characters. */
export function inOrder(texts: Iterable<string>): string[] {
  return [...texts].sort((a, b) => {
    const [x, y] = [plainNumber(a), plainNumber(b)];
    if (!Number.isNaN(x) && !Number.isNaN(y) && x !== y) return x - y;
    if (Number.isNaN(x) !== Number.isNaN(y)) return Number.isNaN(x) ? 1 : -1;
    return a < b ? -1 : a > b ? 1 : 0;
  });
}
