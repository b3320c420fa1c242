import { describe, expect, it } from 'vitest';
import type { CsvOptions } from '../../../../../src/train/data/sources/csv/index.js';
import { refusal, rowsOf, tableOf } from './helpers.js';

/** A column `x` of these values, beside a target. */
const column = (
  values: readonly string[],
  target: (i: number) => string = (i) => (i % 2 === 0 ? 'u' : 'v'),
) => `x,y\n${values.map((value, i) => `${value},${target(i)}`).join('\n')}\n`;
const taken = async (text: string, options: Partial<CsvOptions> = {}) =>
  (await tableOf(text, options).load()).train.identity.columns;
const many = (count: number, text: (i: number) => string) => Array.from({ length: count }, (_, i) => text(i));

describe('a column is taken for what its values look like', () => {
  it.each<[string, readonly string[], string]>([
    ['numbers', ['1', '-2.5', '+3e-2', '.5'], 'x: number'],
    ['0 and 1', ['0', '1', '1', '0'], 'x: number'],
    ['words for yes and no', ['yes', 'No', 'YES', 'no'], 'x: boolean'],
    ['true and false', ['True', 'False', 'True', 'False'], 'x: boolean'],
    ['letters for yes and no', ['t', 'f', 't', 'f'], 'x: boolean'],
    ['texts', ['b', 'a', 'b', 'a'], 'x: category of 2 (a, b)'],
    ['words for yes of two pairs', ['yes', 'true', 'yes', 'true'], 'x: category of 2 (true, yes)'],
    ['texts with some numbers', ['a', '1', 'a', 'b'], 'x: category of 3 (1, a, b)'],
    [
      'dates',
      ['2020-01-01', '2020-01-02', '2020-01-01', '2020-01-02'],
      'x: category of 2 (2020-01-01, 2020-01-02)',
    ],
  ])('%s', async (_, values, expected) => {
    // Each twice, so that both parts have it.
    const text = column([...values, ...values], (i) => (i < values.length ? 'u' : 'v'));
    const options: Partial<CsvOptions> = {
      split: { val: 0.01, by: 'random', seed: 0, stratify: false, test: 0, column: null, group: null },
    };
    const big = `${text}${text.replace('x,y\n', '').repeat(9)}`;
    expect(await taken(big, options)).toEqual([expected, 'y: class of 2 (u, v)']);
  });

  it('unless it is told, also in names with underscores and capitals', async () => {
    const text = 'Odd_name,b_2,n,y\n1,0,1,u\n2,1,0,v\n1,0,1,u\n2,1,0,v\n1,0,0,u\n';
    const columns = { Odd_name: 'category', b_2: 'boolean' } as const;
    expect(await taken(text, { columns })).toEqual([
      'Odd_name: category of 2 (1, 2)',
      'b_2: boolean',
      'n: number',
      'y: class of 2 (u, v)',
    ]);
  });

  it.each<[string, string, Partial<CsvOptions>]>([
    [
      't.csv:5: column `x` has 3 numbers among 4 values, and `n.a.` → if it stands for a missing value, add it to missing_values; or say what the column is: columns: { x: category }, or columns: { x: ignore }',
      column(['1', '2', '3', 'n.a.']),
      {},
    ],
    [
      't.csv:4: column `x` has 3 numbers among 4 values, and `1,5` → if it stands for a missing value, add it to missing_values; or say what the column is: columns: { x: category }, or columns: { x: ignore }',
      column(['1', '2', '"1,5"', '3.5']),
      {},
    ],
    [
      't.csv:2: column `z` has numbers with a decimal comma, such as `0,5`, and the table has decimal points → if they all mean it: decimal: comma; else columns: { z: category }, or columns: { z: ignore }',
      'x;z;y\n1.5;0,5;u\n2.5;1,5;v\n',
      {},
    ],
    [
      't.csv:3: column `x` has 3 numbers among 4 values, and `inf` → if it stands for a missing value, add it to missing_values; or say what the column is: columns: { x: category }, or columns: { x: ignore }',
      column(['1', 'inf', '2', '3']),
      {},
    ],
    [
      't.csv: column `x` has more than 100 different texts, such as `id0` → say what it is: columns: { x: ignore }, or columns: { x: category }',
      column(many(101, (i) => `id${i}`)),
      {},
    ],
    [
      't.csv: column `x` has numbers that are too large to keep all of their digits (12345678901234567890, line 3) → say what it is: columns: { x: ignore }, or columns: { x: number }, or columns: { x: category }',
      column(['1', '12345678901234567890']),
      {},
    ],
    ['t.csv: column `x` has no values at all → say what it is: columns: { x: ignore }', column(['', '']), {}],
    [
      't.csv: column 1 has no name, and may only number the rows → say what it is: columns: { 1: ignore }, or columns: { 1: number }, or columns: { 1: category }',
      ',a,y\n0,5,u\n1,6,v\n',
      {},
    ],
    [
      't.csv:3: column `x` is to be a number, and has `b` → if it stands for a missing value, add it to missing_values; or columns: { x: category }',
      column(['1', 'b']),
      { columns: { x: 'number' } },
    ],
    [
      't.csv: column `x` is to be a boolean, and has `a, b` → booleans are false and true, no and yes, n and y, f and t, or 0 and 1',
      column(['a', 'b']),
      { columns: { x: 'boolean' } },
    ],
    [
      't.csv: column `x` has more than 10000 different values: each would be an input → columns: { x: ignore }',
      column(many(10_001, (i) => `id${i}`)),
      { columns: { x: 'category' } },
    ],
    [
      't.csv: column `x` has 1e+300, more than float32 can hold → change its unit, or leave it out: columns: { x: ignore }',
      column(['1e300', '1e300']),
      {},
    ],
  ])('or refused: %s', (message, text, options) => {
    expect(refusal(tableOf(text, options))).toBe(message);
  });
});

describe('what is missing', () => {
  const GAPS = 'a,c,y\n1,NA,u\n,p,v\n3,q,u\n?,p,v\n5,,u\n';

  it('is refused, with columns, lines and the choices', () => {
    expect(refusal(tableOf(GAPS))).toBe(
      't.csv: column `a` lacks 2 values (lines 3, 5), column `c` lacks 2 values (lines 2, 6) → say what to do: missing: drop (leave such rows out), mean, median or constant (fill in) → or leave out a column: columns: { name: ignore }',
    );
  });

  it('takes its row along, and that is said', async () => {
    const source = tableOf(`${GAPS}6,q,v\n`, { missing: 'drop' });
    const rows = [...(await rowsOf(source)), ...(await rowsOf(source, 'eval'))];
    expect(rows.map(([a]) => a).sort()).toEqual([3, 6]);
    expect((await source.load()).notes).toContainEqual(
      expect.stringMatching(/t\.csv: 4 of 6 rows lack something and are left out$/),
    );
  });

  it('is not looked for in columns that are ignored', async () => {
    const source = tableOf(GAPS, { columns: { a: 'ignore' }, missing: 'drop' });
    const { train, eval: evaluation } = await source.load();
    expect(train.identity.records + evaluation.identity.records).toBe(3);
  });

  it('of a target is not filled in', () => {
    const text = 'a,y\n1,u\n2,\n3,v\n';
    for (const missing of ['error', 'mean'] as const) {
      expect(refusal(tableOf(text, { missing }))).toBe(
        't.csv: of the target column `y` lacks a value (line 3): nothing can be filled in there → leave such rows out: missing: drop',
      );
    }
    expect(tableOf(text, { missing: 'drop' }).spec.target.names).toEqual(['u', 'v']);
  });

  it('cannot leave nothing', () => {
    expect(refusal(tableOf('a,b,y\n,1,u\n1,,v\n', { missing: 'drop' }))).toMatch(
      /^every row of t\.csv lacks something, and missing: drop leaves none/,
    );
  });

  it('is what the options say it is', async () => {
    const source = tableOf('a,y\n1,u\nn.a.,v\n', { missingValues: ['n.a.'], missing: 'constant', fill: -7 });
    const rows = [...(await rowsOf(source)), ...(await rowsOf(source, 'eval'))];
    expect(rows.map(([a]) => a).sort()).toEqual([-7, 1]);
  });
});

describe('the target', () => {
  const target = (values: readonly string[], options: Partial<CsvOptions> = {}) =>
    tableOf(
      column(
        many(values.length, (i) => `${i}`),
        (i) => values[i]!,
      ),
      options,
    );

  it.each<[string, readonly string[], Partial<CsvOptions>, object]>([
    ['texts', ['b', 'a'], {}, { kind: 'class', names: ['a', 'b'] }],
    ['words for yes and no', ['yes', 'no'], {}, { kind: 'class', names: ['no', 'yes'] }],
    [
      'a few whole numbers, for a loss of classes',
      ['10', '9', '2'],
      {},
      { kind: 'class', names: ['2', '9', '10'] },
    ],
    [
      'told to be a class',
      ['1.5', '2.5'],
      { target: { column: 'y', type: 'class' } },
      { kind: 'class', names: ['1.5', '2.5'] },
    ],
    [
      'huge whole numbers',
      ['12345678901234567890', '12345678901234567891'],
      {},
      { kind: 'class', names: ['12345678901234567890', '12345678901234567891'] },
    ],
    ['decimals', ['1.5', '2.5', '2.5', '3'], {}, { kind: 'value', names: ['y'], std: null }],
    ['many whole numbers', many(21, (i) => `${i}`), {}, { kind: 'value', names: ['y'] }],
    [
      'told to be a number',
      ['1', '2'],
      { target: { column: 'y', type: 'number' } },
      { kind: 'value', names: ['y'] },
    ],
    ['in a list', ['1', '2'], { target: ['y'] }, { kind: 'value', names: ['y'] }],
  ])('%s', (_, values, options, expected) => {
    expect(target(values, options).spec.target).toMatchObject(expected);
  });

  it('may be several, each a number', async () => {
    const source = tableOf('a,b,y\n1,2,3\n4,5,6\n', { target: ['y', 'a'] });
    const rows = [...(await rowsOf(source)), ...(await rowsOf(source, 'eval'))];
    expect(rows.sort()).toEqual([
      [2, 3, 1],
      [5, 6, 4],
    ]);
  });

  it.each<[string, readonly string[], Partial<CsvOptions>]>([
    [
      't.csv: the target `y` has 2 different whole numbers (1, 2): they may be classes, or numbers → say which: dataset.target: { column: y, type: class }, or dataset.target: { column: y, type: number }',
      ['1', '2'],
      { wanted: 'number' },
    ],
    [
      't.csv:3: the target `y` is to be a number, and has `b` → dataset.target: { column: y, type: class }',
      ['1', 'b'],
      { target: { column: 'y', type: 'number' } },
    ],
    [
      't.csv:4: the target `y` has 2 numbers among 3 values, and `c` → if it stands for a missing value, add it to missing_values; or say dataset.target: { column: y, type: class }',
      ['1', '2', 'c'],
      {},
    ],
    [
      't.csv:2: the target `y` is to be a number, and has `a` → several targets are numbers, each of them',
      ['a', '2'],
      { target: ['y'] },
    ],
    [
      't.csv: the target `y` has only one class, `a` → there must be two classes or more to tell apart',
      ['a', 'a'],
      {},
    ],
    [
      't.csv: the target `y` has the classes `1` and `1.0`, which are the same number → write each class in one way',
      ['1', '1.0', '2'],
      { target: { column: 'y', type: 'class' } },
    ],
  ])('or it is refused: %s', (message, values, options) => {
    expect(refusal(target(values, options))).toBe(message);
  });
});
