const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/**
 * @param text such as a field of a table, or the name of a class
 * @returns the number that it is, with a point before its decimals; NaN when it is none. Infinity and the like are none
 */
export function plainNumber(text: string): number {
  return NUMBER.test(text) ? Number(text) : Number.NaN;
}

/** In the order in which classes and categories are numbered: numbers by size, then texts by their characters. */
export function inOrder(texts: Iterable<string>): string[] {
  return [...texts].sort((a, b) => {
    const [x, y] = [plainNumber(a), plainNumber(b)];
    if (!Number.isNaN(x) && !Number.isNaN(y) && x !== y) return x - y;
    if (Number.isNaN(x) !== Number.isNaN(y)) return Number.isNaN(x) ? 1 : -1;
    return a < b ? -1 : a > b ? 1 : 0;
  });
}
