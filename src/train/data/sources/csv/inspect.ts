import { MOST_CATEGORIES, MOST_TOLD_CATEGORIES } from './column-fields.js';
import type { CsvOptions } from './options.js';
import type { Table } from './table.js';
import type { Found, Tally } from './tally.js';
import type { DecimalMark } from './values.js';

/** What a column holds. */
export interface ColumnFacts {
  readonly name: string;
  readonly rows: number;
  readonly missing: number;
  /** Lines of the first missing values. */
  readonly missingLines: readonly number[];
  /** How many values are numbers, and whether all of these are whole. */
  readonly numbers: number;
  readonly whole: boolean;
  /** How many would be numbers with the other decimal mark. */
  readonly otherwise: number;
  /** The first value that is no number, and that is a number too large to keep its digits. */
  readonly firstText: Found | null;
  readonly firstHuge: Found | null;
  /** Different values; of more than are looked for, no more than these. */
  readonly distinct: ReadonlySet<string>;
  readonly hasMore: boolean;
}

/** What a table holds. */
export interface Inspection {
  readonly mark: DecimalMark;
  readonly columns: readonly ColumnFacts[];
}

/**
 * Says what the columns of a table hold.
 *
 * @param table the table
 * @param options decimal: auto is a comma where numbers have commas and none has a point; columns that are told to be
 * categories, and targets, may have more different values
 * @param isTold whether a column may have many different texts
 * @returns what was found
 */
export function inspectTable(
  { names, columns, rows }: Table,
  { decimal }: Pick<CsvOptions, 'decimal'>,
  isTold: (name: string) => boolean,
): Inspection {
  const counts = columns.map((column) => column.counted());
  const mark = decimal === 'auto' ? markOf(counts) : decimal;
  return {
    mark,
    columns: counts.map(({ points, commas, wholes, missing, firstText, firstHuge }, i): ColumnFacts => {
      const name = names[i]!;
      const { missingLines } = columns[i]!;
      const { texts, hasMore } = columns[i]!.distinct(isTold(name) ? MOST_TOLD_CATEGORIES : MOST_CATEGORIES);
      const [numbers, otherwise] = mark === 'point' ? [points, commas] : [commas, points];
      return {
        ...{ name, rows, missing, missingLines, numbers, otherwise, whole: wholes === numbers },
        ...{ firstText: firstText[mark], firstHuge, distinct: texts, hasMore },
      };
    }),
  };
}

/** A comma where it makes numbers of columns that would be none, and unmakes none. */
function markOf(columns: readonly Tally[]): DecimalMark {
  const gain = columns.some(({ points, commas, firstText }) => commas > points && firstText.comma === null);
  const loss = columns.some(({ points, commas }) => points > commas);
  return gain && !loss ? 'comma' : 'point';
}
