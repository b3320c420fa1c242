import { DataError, some } from '../../data-error.js';
import { ColumnFields } from './column-fields.js';
import { RowTexts } from './row-texts.js';
import { type Delimiter, type Lines, RowScanner } from './scan.js';

/** A file whose first row was looked at. */
export interface Opened extends Lines {
  readonly delimiter: Delimiter;
  readonly header: boolean;
  /** How many fields its first row has, and the line of that. */
  readonly width: number;
  readonly headLine: number;
}

/** All rows of a file. */
export interface Rows {
  readonly rows: number;
  /** The line of the file that each row begins in. */
  readonly lines: Int32Array;
  readonly columns: readonly ColumnFields[];
  readonly texts: RowTexts;
}

const ODD_SHOWN = 5;

/**
 * Goes once through the rows of a file and takes its fields apart. Its bytes are no longer the file's then.
 *
 * @param opened the file
 * @param missingValues what stands for a missing value
 * @param mostTexts how many different texts of a column, by its position, are wanted
 * @returns its rows
 * @throws DataError when there are none, or some of other lengths
 */
export function readRows(
  opened: Opened,
  missingValues: readonly string[],
  mostTexts: (at: number) => number,
): Rows {
  const { width, header, file, key } = opened;
  const { bytes } = opened;
  let [rows, wrong] = [0, 0];
  const row = new RowScanner(opened, opened.delimiter);
  const expected = () => Math.ceil(((rows * bytes.length) / row.first) * 1.01);
  const columns = Array.from(
    { length: width },
    (_, at) => new ColumnFields(missingValues, mostTexts(at), expected),
  );
  const texts = new RowTexts(bytes);
  const odd: { line: number; width: number }[] = [];
  let lines = new Int32Array(1024);
  if (header) row.next();
  while (row.next()) {
    if (row.width !== width) {
      wrong += 1;
      if (odd.length < ODD_SHOWN) odd.push({ line: row.line, width: row.width });
    } else if (wrong === 0) {
      texts.add(row);
      const { starts, ends, line } = row;
      for (let i = 0; i < width; i++) columns[i]!.add(bytes, starts[i]!, ends[i]!, line);
      if (rows === lines.length) {
        const longer = new Int32Array(rows * 2);
        longer.set(lines);
        lines = longer;
      }
      lines[rows] = line;
    }
    rows += 1;
  }
  if (rows === 0) {
    const what = width === 0 ? 'is empty' : 'has no rows below its header';
    const remedies = header && width > 0 ? ['set header: false if its first line is a row'] : [];
    throw new DataError(key, `${file} ${what}`, remedies);
  }
  if (wrong > 0) throw ragged(opened, { odd, wrong, rows });
  return { rows, lines: lines.subarray(0, rows), columns, texts };
}

interface Ragged {
  readonly odd: readonly { readonly line: number; readonly width: number }[];
  readonly wrong: number;
  readonly rows: number;
}

function ragged({ file, key, headLine, width, header }: Opened, { odd, wrong, rows }: Ragged): DataError {
  const widths = new Set(odd.map((row) => row.width));
  const head = `line ${headLine}${header ? ', the header,' : ''} has ${width} ${width === 1 ? 'field' : 'fields'}`;
  // All rows alike, and unlike the header, are no mistakes in the rows.
  if (wrong === rows && widths.size === 1) {
    const [own] = widths;
    return new DataError(key, `${file}: ${head}, and all ${rows} rows below it have ${own}`, [
      header
        ? 'if that line is no header: header: false, skip_lines: 1'
        : 'if that line is no row: skip_lines: 1',
    ]);
  }
  const places = odd.map(({ line, width: has }) => `line ${line} has ${has}`);
  return new DataError(key, `${file}: ${head}; ${some(places, wrong)}`, [
    'quote fields that hold the delimiter; or say which it is: delimiter: comma, semicolon, tab, pipe or blank',
  ]);
}
