import { describe, expect, it } from 'vitest';
import { expectClose } from '../../../../helpers/close.js';
import { fixture } from '../../../../helpers/fixtures.js';
import { refusal, rowsOf, tableOf } from './helpers.js';

interface Recording {
  readonly train: string;
  readonly eval: string;
  readonly targets: { readonly mean: readonly number[]; readonly std: readonly number[] };
  readonly ways: Readonly<Record<string, { readonly train: number[][]; readonly eval: number[][] }>>;
}

const recording = fixture<Recording>('table.json');

describe.each(Object.keys(recording.ways))('missing: %s', (way) => {
  const missing = way as 'mean' | 'median' | 'constant';
  const options = { missing, fill: 0.25, evalPath: 'e.csv' } as const;
  const others = { 'e.csv': recording.eval };

  it.each(['train', 'eval'] as const)('makes of the %s file what scikit-learn does', async (part) => {
    const source = tableOf(recording.train, { ...options, standardize: true }, others);
    const rows = (await rowsOf(source, part)).map((row) => row.slice(0, -1));
    const expected = recording.ways[way]![part];
    expect(rows.map((row) => row.length)).toEqual(expected.map((row) => row.length));
    expectClose(rows.flat(), expected.flat(), 2e-7);
  });

  it('standardises targets, and says by what', () => {
    const { target } = tableOf(recording.train, { ...options, standardize: true }, others).spec;
    if (target.kind !== 'value') throw new Error('a number');
    expectClose(target.mean!, recording.targets.mean, 1e-12);
    expectClose(target.std!, recording.targets.std, 1e-12);
  });
});

describe('standardize', () => {
  const TEXT = 'a,b,y\n1,yes,10.5\n3,no,30.5\n';
  const whole = (standardize: boolean | 'features') =>
    tableOf(TEXT, { standardize, evalPath: 'e.csv' }, { 'e.csv': 'y,b,a\n20.5,yes,2\n' });

  it.each([
    [true, [-1, 1, -1], [0, 1, 0]],
    ['features' as const, [-1, 1, 10.5], [0, 1, 20.5]],
    [false, [1, 1, 10.5], [2, 1, 20.5]],
  ])('%s: numbers alone, fitted on the training part', async (standardize, first, evaluated) => {
    const source = whole(standardize);
    expect((await rowsOf(source))[0]).toEqual(first);
    expect(await rowsOf(source, 'eval')).toEqual([evaluated]);
    expect(source.spec.target).toMatchObject({ mean: [20.5], std: standardize === true ? [10] : null });
  });
});

describe('a file to evaluate on', () => {
  const TRAIN = 'a,c,y\n1,p,u\n2,q,v\n';
  const evaluated = (text: string) => tableOf(TRAIN, { evalPath: 'e.csv' }, { 'e.csv': text });

  it('may have its columns in another order, and more of them', async () => {
    const source = evaluated('y,more,c,a\nv,0,p,5\n');
    expect(await rowsOf(source, 'eval')).toEqual([[5, 1, 0, 1]]);
    const { train, eval: evaluation } = await source.load();
    expect([train.identity.split, evaluation.identity.split]).toEqual(['train', 'test']);
    expect(evaluation.identity.source).toMatch(/e\.csv$/);
  });

  it('may have categories that training has not, and it is said', async () => {
    const source = evaluated('a,c,y\n1,new,u\n1,p,u\n');
    expect(await rowsOf(source, 'eval')).toEqual([
      [1, 0, 0, 0],
      [1, 1, 0, 0],
    ]);
    const [warning = '', ...others] = (await source.load()).warnings;
    expect(warning.replace(/\/\S*\//, '')).toBe(
      'e.csv: column `c` has categories to evaluate on that no training row has: `new`. Their inputs are all 0.',
    );
    expect(others).toEqual([]);
  });

  it.each([
    [
      'e.csv lacks columns of t.csv: `c`, `y` → both files must have the same columns; their order does not matter',
      'a\n1\n',
    ],
    [
      'e.csv:3: column `a` is a number in t.csv, and here has `x` → if it stands for a missing value, add it to missing_values',
      'a,c,y\n1,p,u\nx,p,u\n',
    ],
    [
      'e.csv has classes that the training file has not: `w` in line 2, `z` in line 3 → the training file must have rows of every class',
      'a,c,y\n1,p,w\n1,p,z\n',
    ],
    [
      'e.csv: column `a` lacks a value (line 2) → say what to do: missing: drop (leave such rows out), mean, median or constant (fill in) → or leave out a column: columns: { name: ignore }',
      'a,c,y\n,p,u\n',
    ],
    ['there is no file gone.csv → relative paths count from the working folder', null],
  ])('or is refused: %s', (message, text) => {
    const source = text === null ? tableOf(TRAIN, { evalPath: 'gone.csv' }) : evaluated(text);
    expect(refusal(source)).toBe(message);
  });

  it('or is refused for booleans that are none, which would else count as no', () => {
    const source = tableOf(
      'a,b,y\n1,yes,u\n2,no,v\n3,no,u\n',
      { evalPath: 'e.csv', missing: 'median' },
      { 'e.csv': 'a,b,y\n1,YES,u\n1,ja,u\n1,,u\n1,2,v\n' },
    );
    expect(refusal(source)).toBe(
      'e.csv: column `b` is to be false or true, no or yes, n or y, f or t, 0 or 1, and has `ja` in line 3, `2` in line 5 → if it stands for a missing value, add it to missing_values',
    );
  });
});
