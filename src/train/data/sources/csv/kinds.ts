import { DataError, quoted } from '../../data-error.js';
import { MOST_CATEGORIES, MOST_TOLD_CATEGORIES } from './column-fields.js';
import type { ColumnFacts } from './inspect.js';
import type { ColumnKind, CsvOptions } from './options.js';
import { hasOtherMark, otherMark } from './other-mark.js';
import { booleanPair, type DecimalMark } from './values.js';

/** What a column of features is taken for. */
export interface Feature {
  /** Its position in the table. */
  readonly at: number;
  readonly name: string;
  readonly kind: ColumnKind;
  /** Whether the options say so; else it was inferred. */
  readonly isTold: boolean;
}

/**
 * Says what the columns of a table are, those to be told left out.
 *
 * @param columns what they hold
 * @param targets positions of the targets
 * @param options columns: what the user says they are; splitBy: positions of those that say which part a row is in
 * @param about the file, for errors; columns without a name; the decimal mark
 * @returns those that are not ignored
 * @throws DataError for a column that is no such thing, or could be several
 */
export function featuresOf(
  columns: readonly ColumnFacts[],
  targets: readonly number[],
  { columns: told, splitBy = [] }: Pick<CsvOptions, 'columns'> & { readonly splitBy?: readonly number[] },
  about: { readonly file: string; readonly unnamed: ReadonlySet<string>; readonly mark: DecimalMark },
): Feature[] {
  const names = columns.map(({ name }) => name);
  for (const [name, kind] of Object.entries(told)) {
    const at = names.indexOf(name);
    if (at < 0) {
      const message = `${about.file} has no column ${quoted(name)}`;
      throw new DataError('columns', message, [], { received: name, known: names, what: 'columns' });
    }
    if (splitBy.includes(at) && kind !== 'ignore') {
      const message = `column ${quoted(name)} decides which part a row is in, and is no input`;
      throw new DataError('columns', message, ['leave it out here']);
    }
    if (targets.includes(at)) {
      const message = `column ${quoted(name)} is the target, and cannot be ${kind === 'ignore' ? 'ignored' : `a ${kind} among the features`}`;
      throw new DataError('columns', message, ['leave it out here']);
    }
  }
  const features = columns.flatMap((facts, at): Feature[] => {
    const { name } = facts;
    const own = Object.hasOwn(told, name) ? told[name] : undefined;
    if (targets.includes(at) || splitBy.includes(at) || own === 'ignore') return [];
    const kind = own ?? inferred(facts, about);
    checkKind(facts, kind, about);
    return [{ at, name, kind, isTold: own !== undefined }];
  });
  if (features.length > 0) return features;
  throw new DataError('columns', `${about.file} has no column left to learn from`, ['ignore fewer columns']);
}

type About = Parameters<typeof featuresOf>[3];

const say = (name: string, ...kinds: string[]) =>
  kinds.map((kind) => `columns: { ${name}: ${kind} }`).join(', or ');

function inferred(facts: ColumnFacts, { file, unnamed, mark }: About): ColumnKind {
  const { name, rows, missing, numbers, firstText, firstHuge, distinct, hasMore } = facts;
  const known = rows - missing;
  const refuse = (message: string, ...kinds: string[]): never => {
    throw new DataError('columns', `${file}: ${message}`, [`say what it is: ${say(name, ...kinds)}`]);
  };
  if (unnamed.has(name)) {
    refuse(`column ${name} has no name, and may only number the rows`, 'ignore', 'number', 'category');
  }
  if (known === 0) refuse(`column ${quoted(name)} has no values at all`, 'ignore');
  if (firstHuge !== null && numbers === known) {
    const { text, line } = firstHuge;
    refuse(
      `column ${quoted(name)} has numbers that are too large to keep all of their digits (${text}, line ${line})`,
      ...['ignore', 'number', 'category'],
    );
  }
  if (numbers === known) return 'number';
  if (!hasMore && booleanPair(distinct) !== null) return 'boolean';
  if (hasOtherMark(facts)) throw otherMark('columns', file, facts, mark, say(name, 'category', 'ignore'));
  if (numbers > known / 2) {
    const { text, line } = firstText!;
    throw new DataError(
      'columns',
      `${file}:${line}: column ${quoted(name)} has ${numbers} numbers among ${known} values, and ${quoted(text)}`,
      [
        `if it stands for a missing value, add it to missing_values; or say what the column is: ${say(name, 'category', 'ignore')}`,
      ],
    );
  }
  if (hasMore) {
    refuse(
      `column ${quoted(name)} has more than ${MOST_CATEGORIES} different texts, such as ${quoted(firstText!.text)}`,
      ...['ignore', 'category'],
    );
  }
  return 'category';
}

function checkKind(facts: ColumnFacts, kind: ColumnKind, { file }: About): void {
  const { name, firstText, distinct, hasMore, rows, missing } = facts;
  const refuse = (message: string, ...remedies: string[]): never => {
    throw new DataError('columns', `${file}${message}`, remedies);
  };
  if (rows === missing) refuse(`: column ${quoted(name)} has no values at all`, say(name, 'ignore'));
  if (kind === 'number' && firstText !== null) {
    refuse(
      `:${firstText.line}: column ${quoted(name)} is to be a number, and has ${quoted(firstText.text)}`,
      `if it stands for a missing value, add it to missing_values; or ${say(name, 'category')}`,
    );
  }
  if (kind === 'boolean' && !isBoolean(facts)) {
    refuse(
      `: column ${quoted(name)} is to be a boolean, and has ${hasMore ? 'many values' : quoted([...distinct].slice(0, 3).join(', '))}`,
      'booleans are false and true, no and yes, n and y, f and t, or 0 and 1',
    );
  }
  if (kind === 'category' && hasMore) {
    refuse(
      `: column ${quoted(name)} has more than ${MOST_TOLD_CATEGORIES} different values: each would be an input`,
      say(name, 'ignore'),
    );
  }
}

function isBoolean({ distinct, hasMore }: ColumnFacts): boolean {
  if (hasMore) return false;
  return booleanPair(distinct) !== null || [...distinct].every((text) => text === '0' || text === '1');
}
