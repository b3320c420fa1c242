import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { CsvOptions } from '../../../../../src/train/data/sources/csv/index.js';
import { temporaryFolder } from '../../helpers.js';
import { refusal, rowsOf, tableOf } from './helpers.js';

/** All rows to train on: the evaluation file is another. */
const whole = (text: string | Uint8Array, options: Partial<CsvOptions> = {}) =>
  tableOf(text, { evalPath: 'e.csv', ...options }, { 'e.csv': typeof text === 'string' ? text : ABC });

const ABC = 'a,b,y\n1,2.5,u\n-3,.5e1,v\n';
const ROWS = [
  [1, 2.5, 0],
  [-3, 5, 1],
];

describe('a table is read', () => {
  it.each<[string, string | Uint8Array, Partial<CsvOptions>]>([
    ['with commas', ABC, {}],
    ['with semicolons and decimal commas', 'a;b;y\n1;2,5;u\n-3;5,0;v\n', {}],
    ['with semicolons and decimal points', ABC.replaceAll(',', ';'), {}],
    ['with tabs', ABC.replaceAll(',', '\t'), {}],
    ['with bars', ABC.replaceAll(',', '|'), {}],
    ['with blanks', 'a  b y\n 1 2.5\tu \n-3    5 v\n', {}],
    ['with a byte order mark', `\ufeff${ABC}`, {}],
    ['with lines as Windows ends them', ABC.replaceAll('\n', '\r\n'), {}],
    ['with lines as old Macs ended them', ABC.replaceAll('\n', '\r'), {}],
    ['without a last line end', ABC.trimEnd(), {}],
    ['with empty lines', `\n${ABC.replaceAll('\n', '\n\n')}\n\n`, {}],
    ['with spaces around fields', ABC.replaceAll(',', ' , '), {}],
    ['with quotes', '"a","b","y"\n"1","2.5","u"\n"-3",5,v\n', {}],
    ['gzipped', gzipSync(ABC), {}],
    ['below lines that are none of it', `made today\n# by me\n${ABC}`, { skipLines: 2 }],
    ['with a delimiter that is told', ABC, { delimiter: 'comma' }],
    ['with a decimal mark that is told', 'a;b;y\n1;2,5;u\n-3;5;v\n', { decimal: 'comma' }],
    ['with the target in another place', 'y,a,b\nu,1,2.5\nv,-3,5\n', {}],
    ['with the target by its position', ABC, { target: 3 }],
    ['with the target by its position from the end', ABC, { target: -1 }],
    ['without a header', '1,2.5,u\n-3,5,v\n', { header: false, target: 3 }],
    ['without a header, the target by its name', '1,2.5,u\n-3,5,v\n', { header: false, target: '3' }],
    ['with ignored columns', 'id,a,b,y\nx,1,2.5,u\nz,-3,5,v\n', { columns: { id: 'ignore' } }],
  ])('%s', async (_, text, options) => {
    expect(await rowsOf(whole(text, options))).toEqual(ROWS);
  });

  it('with delimiters, quotes and line ends within quotes', async () => {
    const source = whole('a,note,y\n1,"x, ""y""\nand z",u\n2,plain,v\n');
    expect(await rowsOf(source)).toEqual([
      [1, 0, 1, 0],
      [2, 1, 0, 1],
    ]);
    expect((await source.load()).train.identity.columns).toEqual([
      'a: number',
      'note: category of 2 (plain, x, "y"\nand z)',
      'y: class of 2 (u, v)',
    ]);
  });

  it('with the columns of another file beside its own', async () => {
    const others = { 'more.csv': '10\n20\n' };
    const options = {
      header: false,
      columnsFrom: 'more.csv',
      target: { column: -1, type: 'number' },
    } as const;
    const source = tableOf('1 2\n3 4\n', options, others);
    expect(source.spec).toMatchObject({ input: { features: 2 }, target: { kind: 'value', names: ['3'] } });
    const rows = [...(await rowsOf(source)), ...(await rowsOf(source, 'eval'))];
    expect(rows.sort()).toEqual([
      [1, 2, 10],
      [3, 4, 20],
    ]);
  });

  it('with a header that may be none, and it is said', async () => {
    const { warnings } = await tableOf('150,4,y\n1,2,u\n3,4,v\n').load();
    expect(warnings.map((warning) => warning.replace(/^\S*\//, ''))).toContain(
      't.csv: the header names columns by numbers: `150`, `4`. If that line is no header: header: false, skip_lines: 1.',
    );
  });

  it('again where its file has changed, and only then', () => {
    const file = join(temporaryFolder(), 'own.csv');
    const open = () => tableOf('', { path: file }).spec;
    writeFileSync(file, ABC);
    const first = open();
    expect(open()).toBe(first);
    writeFileSync(file, ABC.replace('1,2.5,u', '1,yes,u').replace('.5e1', 'no'));
    expect(open()).not.toBe(first);
    // Whoever has asked before keeps what it was told.
    const kept = tableOf('', { path: file });
    const { spec } = kept;
    writeFileSync(file, 'a,y\n1,u\n2,v\n');
    expect(kept.spec).toBe(spec);
  });
});

describe('a table is refused', () => {
  it.each<[string, string | Uint8Array, Partial<CsvOptions>]>([
    ['t.csv is empty', '', {}],
    ['t.csv has no rows below its header → set header: false if its first line is a row', 'a,b,y\n', {}],
    [
      't.csv: line 1, the header, has 3 fields; line 3 has 2, line 5 has 4 → quote fields that hold the delimiter; or say which it is: delimiter: comma, semicolon, tab, pipe or blank',
      'a,b,y\n1,2,u\n1,2\n1,2,v\n1,2,3,v\n',
      {},
    ],
    [
      't.csv: line 1, the header, has 3 fields; line 4 has 2 → quote fields that hold the delimiter; or say which it is: delimiter: comma, semicolon, tab, pipe or blank',
      'a,b,y\n1,"2\n",u\n1,2\n1,2,v\n',
      {},
    ],
    [
      't.csv: line 1, the header, has 2 fields, and all 2 rows below it have 3 → if that line is no header: header: false, skip_lines: 1',
      'iris,2\n1,2,u\n1,2,v\n',
      {},
    ],
    [
      't.csv:1: the header is all numbers (1, 2, 3), as a row would be → if it is a row, set header: false, and name columns by their positions',
      '1,2,3\n4,5,6\n',
      { target: 3 },
    ],
    [
      't.csv: columns 1 and 3 are called `a` → rename one; or set header: false, skip_lines: 1, and name columns by their positions',
      'a,b,a,y\n1,2,3,u\n1,2,3,v\n',
      {},
    ],
    [
      't.csv:2: a quote that begins in this row is never closed → write a quote within a quoted field twice: "6"" pipe"',
      'a,y\n"1,u\n2,v\n',
      {},
    ],
    [
      't.csv:3: a quote that begins in this row is followed by something else than the end of its field → write a quote within a quoted field twice: "6"" pipe"',
      'a,y\n1,u\n"6"" pipe"x,v\n',
      {},
    ],
    [
      't.csv is not UTF-8 text: line 2 → save it as UTF-8, or convert it: iconv -f latin1 -t utf-8',
      Buffer.from('a,y\n1,\xe4\n2,v\n', 'latin1'),
      {},
    ],
    ['t.csv is UTF-16 text → save it as CSV, in UTF-8', Buffer.from(`\ufeff${ABC}`, 'utf16le'), {}],
    [
      't.csv is an array of NumPy → save it as CSV, in UTF-8 → or say that it holds arrays: dataset.type: arrays',
      Buffer.from('\x93NUMPY', 'latin1'),
      {},
    ],
    ['t.csv is a ZIP archive, as .xlsx and .ods are → save it as CSV, in UTF-8', 'PK\u0003\u0004rest', {}],
    ['t.csv is a binary file: byte 3 is 0x00 → save it as CSV, in UTF-8', 'a,y\u0000\n', {}],
    ['there is no file other.csv → relative paths count from the working folder', ABC, { path: 'other.csv' }],
    ['t.csv has no column `z`', ABC, { target: 'z' }],
    ['t.csv has 3 columns; received 4 → columns count from 1 to 3; -1 is the last', ABC, { target: 4 }],
    ['t.csv has 3 columns; received 0 → columns count from 1 to 3; -1 is the last', ABC, { target: 0 }],
    ['column `a` is named twice', ABC, { target: ['a', 1] }],
    ['t.csv has no column `c`', ABC, { columns: { c: 'number' } }],
    [
      'column `y` is the target, and cannot be ignored → leave it out here',
      ABC,
      { columns: { y: 'ignore' } },
    ],
    [
      't.csv has no column left to learn from → ignore fewer columns',
      ABC,
      { columns: { a: 'ignore', b: 'ignore' } },
    ],
  ])('%s', (message, text, options) => {
    expect(refusal(tableOf(text, options))).toBe(message);
  });

  it('where it would never come to its end, or is larger than the memory, before it is read', () => {
    const device = refusal(tableOf(ABC, { path: '/dev/zero' }));
    expect(device).toBe('zero is no regular file → write what it gives into a file, and name that');
    const huge = join(temporaryFolder(), 'huge.csv');
    writeFileSync(huge, '');
    truncateSync(huge, 2 ** 33); // a file of holes
    expect(refusal(tableOf(ABC, { path: huge }))).toBe(
      'huge.csv is larger than 2000 MB of text → take fewer rows of it',
    );
  });

  it('where gzip was cut short', () => {
    const source = tableOf(gzipSync(ABC.repeat(50)).subarray(0, 40));
    expect(refusal(source)).toMatch(
      /^t\.csv is damaged: it cannot be unpacked as gzip \(.*\) → bring the whole file back$/,
    );
  });

  it('where the file beside it has other rows', () => {
    const source = tableOf(
      '1 2\n3 4\n',
      { header: false, columnsFrom: 'm.csv', target: -1 },
      { 'm.csv': '1\n' },
    );
    expect(refusal(source)).toBe('m.csv has 1 row, and t.csv 2: they are to be the same');
  });
});
