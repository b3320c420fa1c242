import { DataError, quoted } from '../../data-error.js';
import type { ColumnFacts } from './inspect.js';
import type { DecimalMark } from './values.js';

/** Whether a column has texts that are all numbers, were the decimal mark another: hardly categories. */
export function hasOtherMark({ otherwise, rows, missing, firstText }: ColumnFacts): boolean {
  return firstText !== null && otherwise === rows - missing;
}

/** What is wrong then. */
export function otherMark(
  key: string,
  file: string,
  { name, firstText }: ColumnFacts,
  mark: DecimalMark,
  instead: string,
): DataError {
  const other = mark === 'point' ? 'comma' : 'point';
  const { text, line } = firstText!;
  return new DataError(
    key,
    `${file}:${line}: column ${quoted(name)} has numbers with a decimal ${other}, such as ${quoted(text)}, and the table has decimal ${mark}s`,
    [`if they all mean it: decimal: ${other}; else ${instead}`],
  );
}
