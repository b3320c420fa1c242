import type { Finding } from '../../audit/finding.js';
import { quoted } from '../../data-error.js';
import type { Encoded, Layout } from './encode.js';

/** From this correlation on, a column says a real target as good as exactly. */
const EXACTLY = 0.9999;
/** Fewer rows may be told apart by chance. */
const FEWEST_ROWS = 30;

/**
 * Finds columns that are no help, or too much of one: constant ones, those that only number the rows, and those that give the
 * target away. A column does so that alone tells every class: each of its texts goes with one class, or thresholds part its numbers
 * into as many stretches as there are classes; or that correlates with a real target above 0.9999.
 *
 * @param encoded the rows that are not left out
 * @param layout what the columns are
 * @returns what was found
 */
export function columnFindings(
  { features: columns, targets, rows, file }: Encoded,
  { features, target }: Layout,
): Finding[] {
  const found = (
    kind: Finding['kind'],
    names: readonly string[],
    what: (count: string) => string,
    remedy: string,
  ): Finding[] => {
    if (names.length === 0) return [];
    const subject = names.length === 1 ? 'a column' : `${names.length} columns`;
    const places = names.slice(0, 5).map((name) => `${file}, column ${quoted(name)}`);
    return [{ kind, level: 'warning', message: what(subject), places, count: names.length, remedy }];
  };
  const named = (test: (values: Float64Array, i: number) => boolean) =>
    features.flatMap(({ name }, i) => (test(columns[i]!, i) ? [name] : []));
  const constant = named((values) => new Set(values).size === 1);
  const numbering = named((values, i) => features[i]!.kind === 'number' && numbersRows(values));
  const tells = (values: Float64Array, i: number) =>
    target.kind === 'class'
      ? features[i]!.kind === 'number'
        ? isParted(values, targets[0]!)
        : isMapped(values, targets[0]!)
      : targets.some((own) => Math.abs(correlation(values, own)) > EXACTLY);
  const giveaway =
    rows < FEWEST_ROWS ? [] : named((values, i) => new Set(values).size > 1 && tells(values, i));
  const ignore = (names: readonly string[]) =>
    `columns: { ${names
      .slice(0, 3)
      .map((name) => `${name}: ignore`)
      .join(', ')}${names.length > 3 ? ', …' : ''} }`;
  return [
    ...found(
      'giveaway_column',
      giveaway,
      (subject) => `${subject} alone ${giveaway.length === 1 ? 'tells' : 'tell'} the target`,
      `if it is known only once the target is, it must not be an input: ${ignore(giveaway)}`,
    ),
    ...found(
      'numbering_column',
      numbering,
      (subject) => `${subject} only ${numbering.length === 1 ? 'numbers' : 'number'} the rows`,
      `their order is hardly what is to be learnt: ${ignore(numbering)}`,
    ),
    ...found(
      'constant_column',
      constant,
      (subject) => `${subject} ${constant.length === 1 ? 'has' : 'have'} the same value in every row`,
      `nothing can be learnt from it: ${ignore(constant)}`,
    ),
  ];
}

/** Whole numbers, each one more than the last. */
function numbersRows(values: Float64Array): boolean {
  return values.length > 2 && values.every((value, i) => i === 0 || value === values[i - 1]! + 1);
}

/** Whether each value goes with one class, and does so for several rows on average. */
function isMapped(values: Float64Array, classes: Float64Array): boolean {
  const own = new Map<number, number>();
  for (const [row, value] of values.entries()) {
    const known = own.get(value);
    if (known === undefined) own.set(value, classes[row]!);
    else if (known !== classes[row]) return false;
  }
  return new Set(own.values()).size > 1 && own.size * 2 <= values.length;
}

/** Whether in the order of the values each class is one stretch, with nothing of another class at the same value. */
function isParted(values: Float64Array, classes: Float64Array): boolean {
  const order = Array.from(values.keys())
    .filter((row) => !Number.isNaN(values[row]))
    .sort((a, b) => values[a]! - values[b]! || classes[a]! - classes[b]!);
  let changes = 0;
  for (const [i, row] of order.entries()) {
    if (i === 0 || classes[row] === classes[order[i - 1]!]) continue;
    if (values[row] === values[order[i - 1]!]) return false;
    changes += 1;
  }
  const kinds = new Set(classes).size;
  return kinds > 1 && changes === kinds - 1;
}

/** Pearson's, over rows where both are known; 0 where one does not vary. */
function correlation(x: Float64Array, y: Float64Array): number {
  const rows = Array.from(x.keys()).filter((row) => !Number.isNaN(x[row]! + y[row]!));
  const mean = (values: Float64Array) => rows.reduce((sum, row) => sum + values[row]!, 0) / rows.length;
  const [a, b] = [mean(x), mean(y)];
  let [xy, xx, yy] = [0, 0, 0];
  for (const row of rows) {
    const [dx, dy] = [x[row]! - a, y[row]! - b];
    xy += dx * dy;
    xx += dx * dx;
    yy += dy * dy;
  }
  return xx === 0 || yy === 0 ? 0 : xy / Math.sqrt(xx * yy);
}
