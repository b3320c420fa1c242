import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rowHasher } from '../../../../../src/train/data/sources/csv/row-texts.js';
import { openTable } from '../../../../../src/train/data/sources/csv/table.js';
import { hashOf } from '../../../../../src/train/data/split.js';
import { temporaryFolder } from '../../helpers.js';
import { refusal, rowsOf, tableOf } from './helpers.js';

const HOW = { delimiter: 'auto', header: true, skipLines: 0, missingValues: [], columnsFrom: null } as const;

/** More different numbers than a category has texts, and then these. */
const tableWith = (values: readonly string[], mark = '.') => {
  const numbers = Array.from({ length: 300 }, (_, i) => `${i}${mark}5`);
  const rows = [...numbers, ...values].map((value, i) => `${value};${i % 2 === 0 ? 'u' : 'v'}`);
  return `x;y\n${rows.join('\n')}\n`;
};

describe('a column of many different numbers', () => {
  const whole = async (values: readonly string[], options = {}, mark = '.') => {
    const text = tableWith(values, mark);
    const rows = await rowsOf(tableOf(text, { evalPath: 'e.csv', ...options }, { 'e.csv': text }));
    return rows.slice(300).map(([value]) => value);
  };

  it.each<[string, readonly string[], object, string, readonly number[]]>([
    [
      'is read to its end',
      ['-7', '1e2', '12345678901234567890123', '+.5'],
      {},
      '.',
      [-7, 100, 1.2345678901234568e22, 0.5],
    ],
    ['with decimal commas', ['-7', '2,25'], {}, ',', [-7, 2.25]],
    [
      'with missing values, also ones that are numbers',
      ['NA', '-999', '4'],
      { missing: 'constant', fill: 0, missingValues: ['NA', '-999'] },
      '.',
      [0, 0, 4],
    ],
  ])('%s', async (_, values, options, mark, expected) => {
    expect(await whole(values, { columns: { x: 'number' }, ...options }, mark)).toEqual(
      expected.map(Math.fround),
    );
  });

  it.each<[string, readonly string[], object]>([
    ['t.csv:302: column `x` has 300 numbers among 301 values, and `n.a.`', ['n.a.'], {}],
    ['t.csv:303: column `x` has 301 numbers among 302 values, and `2,5`', ['2', '2,5'], {}],
    ['t.csv: column `x` lacks 2 values (lines 302, 304)', ['', '1', 'NA'], {}],
    ['t.csv:302: column `x` is to be a number, and has `a`', ['a'], { columns: { x: 'number' } }],
    ['t.csv: column `x` is to be a boolean, and has many values', ['1'], { columns: { x: 'boolean' } }],
  ])('or refused: %s', (message, values, options) => {
    expect(refusal(tableOf(tableWith(values), options))).toContain(message);
  });

  it('that lose digits are refused with the first of them', () => {
    const rows = Array.from({ length: 300 }, (_, i) => `${i};u`).join('\n');
    expect(refusal(tableOf(`x;y\n${rows}\n9007199254740993;v\n`))).toMatch(
      /^t\.csv: column `x` has numbers that are too large to keep all of their digits \(9007199254740993, line 302\)/,
    );
  });

  it('groups rows by their texts, however many there are and whatever numbers they mean', async () => {
    const rows = Array.from(
      { length: 24_000 },
      (_, i) => `${i % 12_000},0${i % 12_000},${i},${i % 2 ? 'u' : 'v'}`,
    );
    const split = {
      val: 0.5,
      test: 0,
      by: 'hash',
      seed: 0,
      stratify: false,
      column: null,
      group: 'g',
    } as const;
    const source = tableOf(`a,g,x,y\n${rows.join('\n')}\n`, { split });
    const { train, eval: evaluation } = await source.load();
    expect(train.identity.records + evaluation.identity.records).toBe(24_000);
    const chosen = new Set((await rowsOf(source, 'eval')).map(([a]) => a));
    expect((await rowsOf(source)).filter(([a]) => chosen.has(a))).toEqual([]);
    const expected = Array.from({ length: 12_000 }, (_, i) => i).filter((i) => hashOf(0, `0${i}`) < 0.5);
    expect([...chosen].sort((a, b) => a! - b!)).toEqual(expected);
  });
});

describe('the hash of a row', () => {
  it.each([
    [
      'plain',
      'a,b\n1,x\n2,y\n',
      [
        ['1', 'x'],
        ['2', 'y'],
      ],
    ],
    [
      'quoted',
      'a,b\n"1","x ""y""\n, z"\n"2", y \n',
      [
        ['1', 'x "y"\n, z'],
        ['2', 'y'],
      ],
    ],
    [
      'with separators within fields',
      'a,b\n1\u001f,x\u001fy\n,\u001f\n',
      [
        ['1\u001f', 'x\u001fy'],
        ['', '\u001f'],
      ],
    ],
    [
      'of several bytes',
      'a,b\nä,日本\n\u00a0é\u00a0,😀\n',
      [
        ['ä', '日本'],
        ['é', '😀'],
      ],
    ],
  ] satisfies [string, string, string[][]][])('is that of its fields: %s', (_, text, fields) => {
    const file = join(temporaryFolder(), 't.csv');
    writeFileSync(file, text);
    const { texts, rows } = openTable(file, 'path', HOW);
    expect(rows).toBe(fields.length);
    const hash = rowHasher(texts, 7);
    for (const [row, own] of fields.entries()) {
      expect(texts[0]!.fields(row)).toEqual(own);
      expect(hash(row)).toBe(hashOf(7, own.join('\u001f')));
    }
  });
});
