import { DataError, quoted, some } from '../../data-error.js';
import { positionOf, refuseNotFinite } from './inputs.js';
import { describeShape } from './npy.js';
import type { ArraysOptions } from './options.js';
import { type NamedArray, refuse } from './places.js';

/** What the targets are taken for, decided on those that are trained on. */
export type TargetKind =
  | {
      readonly kind: 'class';
      readonly names: readonly string[];
      /** The numbers in the array, in the order of the classes; null: each row has a 1 at the class (one-hot). */
      readonly numbers: readonly number[] | null;
      readonly isTold: boolean;
    }
  | { readonly kind: 'value'; readonly names: readonly string[]; readonly isTold: boolean };

/** Fewer different whole numbers than this may be classes, as in tables. */
const FEW = 20;
const MOST_CLASSES = 10_000;
const ONLY_ONE = 'there must be two classes or more to tell apart';
const SAY = 'say which: target_type: class, or target_type: number';

/**
 * Decides whether targets are classes or numbers.
 *
 *     with names of classes, classes; with names of values, numbers; else
 *     whole numbers by their type: classes for a loss of classes; for one of numbers, numbers if there are more than 20
 *     whole numbers as floats: classes for a loss of classes, if at most 20; else numbers        other floats: numbers
 *     one-hot rows: classes for a loss of classes
 *
 * @param array [n], [n, 1] or [n, k]
 * @param options targetType, classes, values; wanted: what the loss is for
 * @returns what they are
 * @throws DataError where they cannot be what they are told to be, could be both, or names do not fit
 */
export function targetKindOf(
  array: NamedArray,
  options: Pick<ArraysOptions, 'targetType' | 'classes' | 'values' | 'wanted'>,
): TargetKind {
  const { targetType, classes, values, wanted = null } = options;
  checkTargets(array);
  const each = widthOf(array);
  // Names tell it too.
  const told = targetType ?? (classes.length > 0 ? 'class' : values.length > 0 ? 'number' : null);
  const kind = told ?? (each === 1 ? guessed(array, wanted) : guessedRows(array, wanted));
  const isTold = told !== null;
  if (kind === 'number') {
    refuseNames('classes', classes, 'class');
    if (values.length > 0 && values.length !== each) {
      throw new DataError(
        'values',
        `values has ${values.length} names, and ${array.label} has ${each} values`,
        ['give one name for each, or leave values out'],
      );
    }
    const own = each === 1 ? [array.name] : Array.from({ length: each }, (_, k) => `${array.name}[${k}]`);
    return { kind: 'value', names: values.length > 0 ? values : own, isTold };
  }
  refuseNames('values', values, 'number');
  const twice = classes.find((name, i) => classes.indexOf(name) !== i);
  if (twice !== undefined) throw new DataError('classes', `classes has ${quoted(twice)} twice`);
  if (classes.length === 1) {
    throw new DataError('classes', `classes has only one name, ${quoted(classes[0]!)}`, [ONLY_ONE]);
  }
  if (each > 1) return { kind: 'class', names: oneHotNames(array, classes), numbers: null, isTold };
  const numbers = classNumbers(array, classes);
  return { kind: 'class', names: classes.length > 0 ? classes : numbers.map(String), numbers, isTold };
}

/**
 * @param array of a part, whose targets are those of the training part
 * @param kind what they are
 * @returns classes, from 0; or values one after another
 * @throws DataError for classes that are not known, rows that are not one-hot, another number of values, or what is not finite
 */
export function partTargets(array: NamedArray, kind: TargetKind): Int32Array | Float64Array {
  checkTargets(array);
  const { values, shape } = array;
  const each = widthOf(array);
  const expected = kind.kind === 'value' || kind.numbers === null ? kind.names.length : 1;
  if (each !== expected) {
    throw refuse(
      array,
      `has the shape ${describeShape(shape)}; expected ${expected} ${expected === 1 ? 'number' : 'numbers'} for each sample, as where it is trained on`,
    );
  }
  if (kind.kind === 'value') return Float64Array.from(values);
  if (kind.numbers === null) return oneHotClasses(array, each);
  const classes = new Map(kind.numbers.map((number, index) => [number, index]));
  const indices = new Int32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const index = classes.get(values[i]!);
    if (index === undefined) throw unknownClass(array, i, kind);
    indices[i] = index;
  }
  return indices;
}

const widthOf = ({ shape }: NamedArray) => (shape.length === 1 ? 1 : shape[1]!);

function checkTargets(array: NamedArray): void {
  const { shape, values } = array;
  if (shape.length !== 1 && shape.length !== 2) {
    throw refuse(
      array,
      `has the shape ${describeShape(shape)}: targets are [n] or [n, 1]; [n, classes], one-hot; or [n, values]`,
      'reshape it: y.reshape(len(y), -1)',
    );
  }
  if (values.length === 0) throw refuse(array, `has the shape ${describeShape(shape)}: there are no values`);
  refuseNotFinite(array, 'targets', 'leave such samples out: keep = np.isfinite(y)');
}

function refuseNames(key: string, names: readonly string[], type: string): void {
  if (names.length === 0) return;
  const other = type === 'class' ? 'numbers' : 'classes';
  throw new DataError(key, `${key} has names, and the targets are ${other}`, [
    `leave ${key} out, or say what the targets are: target_type: ${type}`,
  ]);
}

const isFloat = ({ type: { name } }: NamedArray) => name.startsWith('float') || name === 'bfloat16';

function guessed(array: NamedArray, wanted: ArraysOptions['wanted']): 'class' | 'number' {
  if (!array.values.every(Number.isInteger)) return 'number';
  const distinct = new Set(array.values);
  if (wanted !== 'number') return isFloat(array) && distinct.size > FEW ? 'number' : 'class';
  if (isFloat(array) || distinct.size > FEW) return 'number';
  const shown = some([...distinct].sort((a, b) => a - b).map(String));
  throw refuse(
    { ...array, key: 'targetType' },
    `(${array.type.name}) has ${distinct.size} different whole numbers (${shown}): they may be classes, or numbers`,
    SAY,
  );
}

function guessedRows(array: NamedArray, wanted: ArraysOptions['wanted']): 'class' | 'number' {
  if (oddRow(array) >= 0) return 'number';
  if (wanted !== 'number') return 'class';
  throw refuse(
    { ...array, key: 'targetType' },
    `has a single 1 in each row: they may be classes (one-hot), or ${widthOf(array)} numbers`,
    SAY,
  );
}

/** The first row that is not a single 1 among zeros; -1: there is none. */
function oddRow(array: NamedArray): number {
  const { values } = array;
  const each = widthOf(array);
  for (let row = 0; row * each < values.length; row++) {
    const own = values.subarray(row * each, (row + 1) * each);
    let ones = 0;
    for (const value of own) {
      if (value === 1) ones += 1;
      else if (value !== 0) return row;
    }
    if (ones !== 1) return row;
  }
  return -1;
}

function oneHotClasses(array: NamedArray, each: number): Int32Array {
  const odd = oddRow(array);
  if (odd >= 0) {
    throw refuse(
      array,
      `has ${describeRow(array, odd)} as row ${odd}: classes of this shape have a single 1 in each row (one-hot)`,
      'save the numbers of the classes, [n], or say target_type: number',
    );
  }
  const { values } = array;
  return Int32Array.from({ length: values.length / each }, (_, row) =>
    values.subarray(row * each, (row + 1) * each).indexOf(1),
  );
}

function describeRow(array: NamedArray, row: number): string {
  const each = widthOf(array);
  const values = [...array.values.subarray(row * each, (row + 1) * each)].map(String);
  return `[${some(values)}]`;
}

function oneHotNames(array: NamedArray, classes: readonly string[]): readonly string[] {
  const each = widthOf(array);
  oneHotClasses(array, each);
  if (classes.length === 0) return Array.from({ length: each }, (_, k) => `${k}`);
  if (classes.length === each) return classes;
  throw new DataError(
    'classes',
    `classes has ${classes.length} names, and ${array.label} has ${each} columns`,
    ['give one name for each, in their order'],
  );
}

/** With names they count from 0; without, the numbers that occur are the classes. */
function classNumbers(array: NamedArray, classes: readonly string[]): number[] {
  const { values, shape } = array;
  const odd = values.findIndex((value) => !Number.isSafeInteger(value));
  if (odd >= 0) {
    throw refuse(
      array,
      `has ${values[odd]} at ${positionOf(odd, shape)}: classes are whole numbers`,
      'for numbers say target_type: number, and name no classes; or round them: y.astype(np.int64)',
    );
  }
  const distinct = [...new Set(values)].sort((a, b) => a - b);
  if (classes.length > 0) {
    const numbers = classes.map((_, index) => index);
    const strange = distinct.filter((number) => number < 0 || number >= classes.length);
    if (strange.length === 0) return numbers;
    throw new DataError(
      'classes',
      `classes has ${classes.length} names, of the numbers 0 to ${classes.length - 1}, and ${array.label} has ${some(strange.map(String))}`,
      ['name every class, in the order of their numbers, or leave classes out'],
    );
  }
  if (distinct.length > MOST_CLASSES) {
    throw refuse(
      array,
      `has ${distinct.length} different numbers, too many to be classes`,
      'say target_type: number',
    );
  }
  if (distinct.length > 1) return distinct;
  throw refuse(
    array,
    `has only one class, ${distinct[0]}`,
    `${ONLY_ONE}; name them where others are to come: classes: [no, yes]`,
  );
}

function unknownClass(array: NamedArray, at: number, { names }: TargetKind): DataError {
  return refuse(
    array,
    `has the class ${array.values[at]} at ${positionOf(at, array.shape)}, which the samples to train on have not: ${some(names)}`,
    'there must be samples of every class to train on; or name the classes: classes: [...]',
  );
}
