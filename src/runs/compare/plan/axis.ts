/** A key with several values: `optimizer.lr=0.1,0.01`. */
export interface Axis {
  readonly text: string;
  readonly key: string;
  /** As they were typed. */
  readonly values: readonly string[];
}

/** One value of each axis. */
export type Combination = readonly { readonly axis: Axis; readonly value: string }[];

const OPEN = '[{(';
const CLOSE = ']})';

/**
 * Splits at the commas outside brackets and quotes, so that `[0.9, 0.99]` and `{ type: adam }` stay whole.
 *
 * @param text what stands behind the `=`
 * @returns the values without blanks around them; a single one when there is no such comma
 */
export function splitValues(text: string): string[] {
  const values: string[] = [];
  let depth = 0;
  let quote = '';
  let start = 0;
  for (const [i, letter] of [...text].entries()) {
    if (quote !== '') {
      if (letter === quote) quote = '';
    } else if (letter === '"' || letter === "'") quote = letter;
    else if (OPEN.includes(letter)) depth++;
    else if (CLOSE.includes(letter)) depth--;
    else if (letter === ',' && depth === 0) {
      values.push([...text].slice(start, i).join('').trim());
      start = i + 1;
    }
  }
  return [...values, [...text].slice(start).join('').trim()];
}

/**
 * @param key the key
 * @param values its values, two or more
 * @returns the axis, or what is wrong with its values
 */
export function parseAxis(
  key: string,
  values: readonly string[],
): Axis | { readonly message: string; readonly help: readonly string[] } {
  const [whole = '', fraction = ''] = values;
  if (values.length === 2 && /^\d+$/.test(whole) && /^0\d+$/.test(fraction)) {
    const help = [
      `write ${key}=${whole}.${fraction}, with a decimal point: a comma separates the values of a grid`,
    ];
    return { message: `\`${values.join(',')}\` would be the two values ${whole} and ${fraction}`, help };
  }
  if (values.includes('')) {
    return { message: `a value of ${key} is empty`, help: ['leave out the comma; null is written null'] };
  }
  const twice = values.find((value, i) => values.indexOf(value) !== i);
  if (twice !== undefined)
    return { message: `${key} has the value ${twice} twice`, help: ['leave one of them out'] };
  return { text: `${key}=${values.join(',')}`, key, values };
}

/** Every combination of the axes' values; the last axis varies fastest. Without axes, the empty one. */
export function combinations(axes: readonly Axis[]): Combination[] {
  return axes.reduce<Combination[]>(
    (all, axis) => all.flatMap((head) => axis.values.map((value) => [...head, { axis, value }])),
    [[]],
  );
}

/**
 * What a combination is called, fit for a folder: the value alone for a `type`, else the key's last part and the value,
 * such as `lr-0.1`; the whole key where two axes end alike.
 *
 * @param combination one value of each axis
 * @returns the parts of the name joined by dashes; empty for the empty combination
 */
export function nameOfCombination(combination: Combination): string {
  const last = (key: string) => key.split('.').at(-1)!;
  const parts = combination.map(({ axis: { key }, value }) => {
    if (last(key) === 'type') return value;
    const isAmbiguous = combination.filter(({ axis }) => last(axis.key) === last(key)).length > 1;
    return `${isAmbiguous ? key : last(key)}-${value}`;
  });
  return parts
    .join('-')
    .replace(/[^A-Za-z0-9._]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '');
}
