import type { CsvOptions } from './options.js';
import type { Table } from './table.js';
import { absentIn, type DecimalMark, losesDigits, numberOf } from './values.js';

/** Above this many different texts a column is no category, unless it is said to be one. */
export const MOST_CATEGORIES = 100;
/** And above this many not even then: each would be an input of its own. */
export const MOST_TOLD_CATEGORIES = 10_000;

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
  /** Different values with how often they occur; of more than are looked for, no more than these. */
  readonly distinct: ReadonlyMap<string, number>;
  readonly hasMore: boolean;
}

export interface Found {
  readonly text: string;
  readonly line: number;
}

interface Counting {
  missing: number;
  missingLines: number[];
  /** With a point, or with a comma, before their decimals; whole numbers are both. */
  points: number;
  commas: number;
  wholes: number;
  firstText: Record<DecimalMark, Found | null>;
  firstHuge: Found | null;
  distinct: Map<string, number>;
  hasMore: boolean;
}

/** What a table holds. */
export interface Inspection {
  readonly mark: DecimalMark;
  readonly columns: readonly ColumnFacts[];
}

/**
 * Goes once through a table to see what its columns hold.
 *
 * @param table the table
 * @param options decimal: auto is a comma where numbers have commas and none has a point; missingValues; columns that are
 * told to be categories, and targets, may have more different values
 * @param isTold whether a column may have many different texts
 * @returns what was found
 */
export function inspectTable(
  table: Table,
  { decimal, missingValues }: Pick<CsvOptions, 'decimal' | 'missingValues'>,
  isTold: (name: string) => boolean,
): Inspection {
  const isMissing = absentIn(missingValues);
  const counts = table.names.map(
    (): Counting => ({
      ...{ missing: 0, missingLines: [], points: 0, commas: 0, wholes: 0 },
      ...{ firstText: { point: null, comma: null }, firstHuge: null, distinct: new Map(), hasMore: false },
    }),
  );
  const most = table.names.map((name) => (isTold(name) ? MOST_TOLD_CATEGORIES : MOST_CATEGORIES));
  table.each((fields, line) => {
    for (let i = 0; i < counts.length; i++) see(counts[i]!, fields[i]!, line, most[i]!, isMissing);
  });
  const mark = decimal === 'auto' ? markOf(counts) : decimal;
  return {
    mark,
    columns: counts.map((column, i) => ({
      ...{ name: table.names[i]!, rows: table.rows },
      ...{ missing: column.missing, missingLines: column.missingLines },
      numbers: mark === 'point' ? column.points : column.commas,
      otherwise: mark === 'point' ? column.commas : column.points,
      whole: column.wholes === (mark === 'point' ? column.points : column.commas),
      ...{ firstText: column.firstText[mark], firstHuge: column.firstHuge },
      ...{ distinct: column.distinct, hasMore: column.hasMore },
    })),
  };
}

function see(
  column: Counting,
  text: string,
  line: number,
  most: number,
  isMissing: (text: string) => boolean,
): void {
  if (isMissing(text)) {
    column.missing += 1;
    if (column.missingLines.length < 5) column.missingLines.push(line);
    return;
  }
  const point = numberOf(text, 'point');
  // A number without a point is one with a comma too, of no decimals.
  const isPlain = !Number.isNaN(point);
  const comma = isPlain
    ? text.includes('.')
      ? Number.NaN
      : point
    : text.includes(',')
      ? numberOf(text, 'comma')
      : Number.NaN;
  if (!Number.isNaN(point)) {
    column.points += 1;
    if (Number.isInteger(point)) column.wholes += 1;
    if (column.firstHuge === null && losesDigits(text, point)) column.firstHuge = { text, line };
  } else column.firstText.point ??= { text, line };
  if (Number.isNaN(comma)) column.firstText.comma ??= { text, line };
  else {
    column.commas += 1;
    if (Number.isNaN(point) && Number.isInteger(comma)) column.wholes += 1;
  }
  if (column.hasMore) return;
  const times = column.distinct.get(text);
  if (times !== undefined) column.distinct.set(text, times + 1);
  else if (column.distinct.size < most) column.distinct.set(text, 1);
  else column.hasMore = true;
}

/** A comma where it makes numbers of columns that would be none, and unmakes none. */
function markOf(columns: readonly Counting[]): DecimalMark {
  const gain = columns.some(({ points, commas, firstText }) => commas > points && firstText.comma === null);
  const loss = columns.some(({ points, commas }) => points > commas);
  return gain && !loss ? 'comma' : 'point';
}
