import Papa from 'papaparse';
import { describe, expect, it } from 'vitest';
import { type Delimiter, RowScanner } from '../../../../../src/train/data/sources/csv/scan.js';
import { RandomStream } from '../../../../../src/train/random.js';

interface Row {
  readonly line: number;
  readonly fields: readonly string[];
}

function scanned(text: string, delimiter: Delimiter = ',', skipLines = 0): Row[] {
  const lines = { file: 't.csv', key: 'path', bytes: Buffer.from(text), skipLines };
  const row = new RowScanner(lines, delimiter, false);
  const rows: Row[] = [];
  while (row.next()) {
    rows.push({ line: row.line, fields: row.fields() });
  }
  return rows;
}

const fieldsOf = (text: string, delimiter?: Delimiter) =>
  scanned(text, delimiter).map(({ fields }) => fields);

describe('rows are scanned', () => {
  it.each<[string, string, readonly (readonly string[])[]]>([
    ['with empty fields at both ends', ',a,\n', [['', 'a', '']]],
    [
      'without a last line end',
      'a,b\nc,',
      [
        ['a', 'b'],
        ['c', ''],
      ],
    ],
    ['without lines that hold nothing', '\n \na\n""\n\t\n', [['a']]],
    ['trimmed, also of blanks that ASCII has not', ' a\t,\u00a0b c\u2003," d "\n', [['a', 'b c', 'd']]],
    ['with a quote in the middle of a field', 'a"b",c""\n', [['a"b"', 'c""']]],
    ['with blanks behind a quoted field', '"a" ,"b"\t\n', [['a', 'b']]],
    ['with characters of several bytes', 'ä,日本,😀\n', [['ä', '日本', '😀']]],
    ['of more fields than most have', `${'1,'.repeat(199)}1\n`, [Array.from({ length: 200 }, () => '1')]],
  ])('%s', (_, text, expected) => {
    expect(fieldsOf(text)).toEqual(expected);
  });

  it('with the lines that they begin on', () => {
    const rows = scanned('# made today\na,"x\n\ny",b\n\nc,d,e\n', ',', 1);
    expect(rows).toEqual([
      { line: 2, fields: ['a', 'x\n\ny', 'b'] },
      { line: 6, fields: ['c', 'd', 'e'] },
    ]);
  });

  it('between blanks, however many', () => {
    expect(fieldsOf('\u00a0 1  "2\t\t3 \n\n4\n', 'blank')).toEqual([['1', '"2', '3'], ['4']]);
  });

  it('as Papa Parse does it', () => {
    const random = new RandomStream(7, 'text');
    const parts = ['a', '1', ',', ',', '\n', '"', '""', ' ', ';', '"b"', ',"', '",', '"\n'];
    for (let trial = 0; trial < 3000; trial++) {
      const text = Array.from(
        { length: 1 + random.integer(14) },
        () => parts[random.integer(parts.length)]!,
      ).join('');
      const { data, errors } = Papa.parse<string[]>(text, { delimiter: ',', newline: '\n' });
      // What it makes of odd quotes is refused here, see table.test.ts.
      if (errors.some(({ type }) => type === 'Quotes')) continue;
      const expected = data.map((fields) => fields.map((field) => field.trim()));
      const isEmpty = (fields: readonly string[]) => fields.length === 1 && fields[0] === '';
      expect({ text, rows: fieldsOf(text) }).toEqual({
        text,
        rows: expected.filter((fields) => !isEmpty(fields)),
      });
    }
  });
});
