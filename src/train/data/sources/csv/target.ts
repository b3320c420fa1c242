import { DataError, quoted } from '../../data-error.js';
import { inOrder } from '../../in-order.js';
import { columnAt } from './column.js';
import { MOST_TOLD_CATEGORIES } from './column-fields.js';
import type { ColumnFacts } from './inspect.js';
import type { ColumnName, CsvOptions } from './options.js';
import { hasOtherMark, otherMark } from './other-mark.js';
import { type DecimalMark, losesDigits } from './values.js';

/** What is to be told of a row. */
export type TableTarget =
  | {
      readonly kind: 'class';
      readonly at: number;
      readonly classes: readonly string[];
      readonly isTold: boolean;
    }
  | { readonly kind: 'value'; readonly at: readonly number[]; readonly isTold: boolean };

/** Fewer different whole numbers than this may be classes. */
const FEW = 20;

/**
 * Where the columns are that are to be told.
 *
 * @param names of all columns
 * @param target what the options say
 * @param file for errors
 * @returns their positions, each once
 * @throws DataError when there is no such column, or one is named twice
 */
export function targetColumns(
  names: readonly string[],
  target: CsvOptions['target'],
  file: string,
): number[] {
  const found = targetNames(target).map((column) => columnAt(names, column, { file, key: 'target' }));
  const twice = found.find((at, i) => found.indexOf(at) !== i);
  if (twice === undefined) return found;
  throw new DataError('target', `column ${quoted(names[twice]!)} is named twice`);
}

/** How the columns are named that are to be told. */
export function targetNames(target: CsvOptions['target']): readonly ColumnName[] {
  if (isList(target)) return target;
  return [typeof target === 'object' ? target.column : target];
}

const isList = (target: CsvOptions['target']): target is readonly ColumnName[] => Array.isArray(target);

/**
 * Decides whether the target is a class or a number.
 *
 * @param columns what all columns hold
 * @param at positions of the targets
 * @param options target: several columns are numbers; wanted: what the loss is for
 * @param about the file and its decimal mark, for errors
 * @returns the target
 * @throws DataError where its values are no numbers, are only one class, or could be either and the loss does not tell
 */
export function targetOf(
  columns: readonly ColumnFacts[],
  at: readonly number[],
  { target, wanted = null }: Pick<CsvOptions, 'target' | 'wanted'>,
  { file, mark }: { readonly file: string; readonly mark: DecimalMark },
): TableTarget {
  const facts = at.map((position) => columns[position]!);
  const [first] = facts;
  const told = typeof target === 'object' && !isList(target) ? target.type : null;
  const areNumbers = facts.every(({ numbers, rows, missing }) => numbers === rows - missing);
  const isNumber = isList(target) || told === 'number' || (told === null && isCertainlyNumber(first!));
  if (isNumber) {
    const text = facts.find(({ firstText }) => firstText !== null);
    if (!areNumbers && text) {
      const { name, firstText } = text;
      throw new DataError(
        'target',
        `${file}:${firstText!.line}: the target ${quoted(name)} is to be a number, and has ${quoted(firstText!.text)}`,
        [isList(target) ? 'several targets are numbers, each of them' : sayType(name, 'class')],
      );
    }
    return { kind: 'value', at, isTold: told !== null || isList(target) };
  }
  if (told === null && areNumbers && wanted === 'number') throw ambiguous(first!, file);
  if (told === null) refuseNearlyNumbers(first!, file, mark);
  return { kind: 'class', at: at[0]!, classes: classesOf(first!, file), isTold: told !== null };
}

/** Numbers with decimals, or many different ones. */
const isCertainlyNumber = ({ numbers, rows, missing, whole, distinct, hasMore }: ColumnFacts): boolean =>
  numbers === rows - missing && (!whole || hasMore || distinct.size > FEW);

const sayType = (name: string, type: string) => `dataset.target: { column: ${name}, type: ${type} }`;

/** Numbers with some texts among them are hardly classes. */
function refuseNearlyNumbers(facts: ColumnFacts, file: string, mark: DecimalMark): void {
  const { name, numbers, rows, missing, firstText } = facts;
  if (hasOtherMark(facts)) throw otherMark('target', file, facts, mark, sayType(name, 'class'));
  if (firstText === null || numbers <= (rows - missing) / 2) return;
  throw new DataError(
    'target',
    `${file}:${firstText.line}: the target ${quoted(name)} has ${numbers} numbers among ${rows - missing} values, and ${quoted(firstText.text)}`,
    [`if it stands for a missing value, add it to missing_values; or say ${sayType(name, 'class')}`],
  );
}

function ambiguous({ name, distinct }: ColumnFacts, file: string): DataError {
  const values = inOrder(distinct);
  const shown = values.length > 5 ? `${values.slice(0, 4).join(', ')} … ${values.at(-1)}` : values.join(', ');
  return new DataError(
    'target',
    `${file}: the target ${quoted(name)} has ${values.length} different whole numbers (${shown}): they may be classes, or numbers`,
    [`say which: ${sayType(name, 'class')}, or ${sayType(name, 'number')}`],
  );
}

function classesOf({ name, distinct, hasMore }: ColumnFacts, file: string): string[] {
  if (hasMore) {
    throw new DataError(
      'target',
      `${file}: the target ${quoted(name)} has more than ${MOST_TOLD_CATEGORIES} different values, too many to be classes`,
      [sayType(name, 'number')],
    );
  }
  const classes = inOrder(distinct);
  const same = classes.findIndex(
    (text, i) => i > 0 && Number(text) === Number(classes[i - 1]) && !losesDigits(text, Number(text)),
  );
  if (same > 0) {
    const message = `${file}: the target ${quoted(name)} has the classes ${quoted(classes[same - 1]!)} and ${quoted(classes[same]!)}, which are the same number`;
    throw new DataError('target', message, ['write each class in one way']);
  }
  if (classes.length > 1) return classes;
  const what = classes.length === 0 ? 'no value' : `only one class, ${quoted(classes[0]!)}`;
  throw new DataError('target', `${file}: the target ${quoted(name)} has ${what}`, [
    'there must be two classes or more to tell apart',
  ]);
}
