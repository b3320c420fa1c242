import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROWS_MJS } from '../../../src/runs/export/rows/javascript.js';
import { ROWS_PY } from '../../../src/runs/export/rows/python.js';
import { rows as readRows } from '../../../src/runs/predict/rows.js';
import { preprocessingText } from '../../../src/runs/store/preprocessing.js';
import type { FittedInput, Preprocessing } from '../../../src/train/data/preprocessing.js';
import type { CsvOptions } from '../../../src/train/data/sources/csv/index.js';
import { RandomStream } from '../../../src/train/random.js';
import { workspace } from '../../helpers/cli.js';

const folder = workspace({ 'rows.py': ROWS_PY, 'rows.mjs': ROWS_MJS });

const INPUTS: readonly FittedInput[] = [
  { column: 'size', kind: 'number', fill: 2.5, mean: 3.3, std: 0.7 },
  { column: 'new', kind: 'boolean', fill: 1 },
  { column: 'colour', kind: 'category', categories: ['7', 'blue', 'dark red', 'naïve'], fill: 'blue' },
  { column: 'far', kind: 'number', fill: 0, mean: 1e6 + 1 / 3, std: 1e-3 },
  { column: 'place', kind: 'category', categories: ['a', 'b"c'], fill: null },
];
const HEADER = 'size,new,colour,far,place';

type Dialect = Pick<CsvOptions, 'delimiter' | 'header' | 'skipLines' | 'missing' | 'missingValues'>;

interface Case {
  readonly text: string;
  readonly dialect?: Partial<Dialect>;
  readonly decimal?: 'comma';
  readonly inputs?: readonly FittedInput[];
}

/** What is made of a table: of each row its inputs, or why there are none; or why there are no rows. */
type Made = { readonly rows: readonly Row[] } | { readonly error: string };
type Row = { inputs: number[]; unseen: Record<string, string> } | { error: string };

const dialectOf = ({ dialect }: Case): Dialect => ({
  ...{ delimiter: 'auto', header: true, skipLines: 0, missing: 'mean', missingValues: ['NA', '?'] },
  ...dialect,
});

function preprocessingOf({ inputs = INPUTS, decimal }: Case): Preprocessing {
  const features = inputs.reduce((n, one) => n + (one.kind === 'category' ? one.categories.length : 1), 0);
  return {
    spec: {
      name: 't',
      input: { kind: 'features', features },
      target: { kind: 'value', names: ['y'] },
      hasTest: false,
    },
    ...{ inputs, ...(decimal && { decimal }) },
  };
}

const exported = (one: Case) =>
  JSON.parse(preprocessingText(preprocessingOf(one), { probabilities: null, table: dialectOf(one) }));

/** What lossnet predict reads. */
async function byLossnet(one: Case): Promise<Made> {
  const path = join(folder, 't.csv');
  writeFileSync(path, one.text);
  const options = { type: 'csv', path, target: 'y', ...dialectOf(one) } as CsvOptions;
  const rows: Row[] = [];
  const ragged: string[] = [];
  for await (const samples of readRows([path], options, preprocessingOf(one), {})) {
    for (const sample of samples) {
      if ('inputs' in sample) rows.push({ inputs: [...sample.inputs], unseen: sample.unseen ?? {} });
      else if (sample.line === undefined) return { error: sample.error.replaceAll('`', '"') };
      else if (/^has \d+ fields/.test(sample.error)) ragged.push(`line ${sample.line}: ${sample.error}`);
      else rows.push({ error: sample.error.replaceAll('`', '"') });
    }
  }
  return ragged.length > 0 ? { error: ragged.join('; ') } : { rows };
}

async function byJavaScript(cases: readonly Case[]): Promise<Made[]> {
  const { Rows } = await import(join(folder, 'rows.mjs'));
  return cases.map((one) => {
    const rows = new Rows(exported(one));
    const made = (row: Record<string, string>) => {
      try {
        return { inputs: [...rows.encode(row)], unseen: rows.unseen(row) };
      } catch (error) {
        return { error: (error as Error).message };
      }
    };
    try {
      return { rows: rows.read(one.text).map(made) };
    } catch (error) {
      return { error: (error as Error).message };
    }
  });
}

const DRIVER = `import json, sys
from rows import Rows

def made(rows, row):
    try:
        return {"inputs": rows.encode(row), "unseen": rows.unseen(row)}
    except ValueError as error:
        return {"error": str(error)}

def of(case):
    rows = Rows(case["preprocessing"])
    try:
        return {"rows": [made(rows, row) for row in rows.read(case["text"])]}
    except ValueError as error:
        return {"error": str(error)}

json.dump([of(case) for case in json.load(sys.stdin)], sys.stdout)
`;

function python(code: string, input: unknown): unknown {
  const options = { cwd: folder, encoding: 'utf8', input: JSON.stringify(input) } as const;
  const { stdout, stderr, error } = spawnSync('python3', ['-c', code], { ...options, maxBuffer: 2 ** 28 });
  expect([error, stderr]).toEqual([undefined, '']);
  return JSON.parse(stdout);
}

const byPython = (cases: readonly Case[]) =>
  python(
    DRIVER,
    cases.map((one) => ({ text: one.text, preprocessing: exported(one) })),
  ) as Made[];

/** An error of the whole table: which line it names, if any, as the rest is in other words. */
function placed(made: Made): Made {
  if ('rows' in made || /^line \d+: has/.test(made.error)) return made;
  const line = /:(\d+): a quote|^line (\d+): a quote/.exec(made.error);
  return { error: line ? `quote in line ${line[1] ?? line[2]}` : 'no rows' };
}

/** Tables as accidents make them. */
function drawn(seed: number): Case {
  const stream = new RandomStream(seed, 'text');
  const one = <T>(list: readonly T[]) => list[stream.integer(list.length)]!;
  const fields = [
    ...[
      '1',
      '-2.5',
      '+.5',
      '3.',
      '1e5',
      '1E-3',
      '1,5',
      '12345678901234567890.123',
      '1e400',
      'NaN',
      'Infinity',
    ],
    ...[
      '',
      'NA',
      '?',
      'na',
      'TRUE',
      'no',
      'y',
      '0',
      '7',
      'blue',
      'dark red',
      ' blue ',
      'naïve',
      '\u00a0a\u2003',
      'b"c',
    ],
    ...[
      '"b""c"',
      '"a" ',
      '" blue"',
      '"x,y"',
      '"two\nlines"',
      '0x10',
      '1_000',
      '١',
      '\u001c',
      '--1',
      '1e',
      '"7"',
    ],
  ];
  const odd = ['"open', '"odd" quote', 'a"', '""'];
  const decimal = stream.float() < 0.3 ? 'comma' : undefined;
  const mark = one(decimal ? [';', '\t', '|'] : [',', ',', ';', '\t', '|', ' ']);
  const width = () => (stream.float() < 0.03 ? 4 + stream.integer(3) : 5);
  const numbers = decimal
    ? ['-2,5', '+,5', '3,', '1E-3', '', '?']
    : ['-2.5', '+.5', '12345678.1234567890123', '1E-3', 'NA'];
  const usual = [
    numbers,
    ['TRUE', 'no', 'y', '0'],
    ['7', ' blue ', '"dark red"', 'naïve', ''],
    numbers,
    ['a', '"b""c"', 'z'],
  ];
  const field = (_: unknown, i: number) =>
    stream.float() < 0.9 ? one(usual[i % 5]!) : stream.float() < 0.1 ? one(odd) : one(fields);
  const body = Array.from({ length: 1 + stream.integer(12) }, () =>
    stream.float() < 0.05 ? one(['', '  ']) : Array.from({ length: width() }, field).join(mark),
  );
  const end = one(['\n', '\r\n', '\r']);
  const header = stream.float() < 0.8;
  const skipLines = stream.integer(3) === 0 ? 2 : 0;
  const lines = [
    ...Array(skipLines).fill('a note, "of anything'),
    ...(header ? [HEADER.split(',').join(mark)] : []),
    ...body,
  ];
  const inputs = header ? INPUTS : INPUTS.map((input, i) => ({ ...input, column: `${i + 1}` }));
  const missing = one(['mean', 'constant', 'error'] as const);
  const named = { ',': 'comma', ';': 'semicolon', '\t': 'tab', '|': 'pipe', ' ': 'blank' } as const;
  // What is predicted row by row cannot wait for the last of them to find out what its quotes mean.
  const delimiter =
    mark !== ' ' && !/open|odd|a"/.test(body.join()) && stream.float() < 0.5
      ? 'auto'
      : named[mark as keyof typeof named];
  return {
    text: `${lines.join(end)}${end}`,
    ...{ dialect: { header, skipLines, missing, delimiter }, inputs, ...(decimal && { decimal }) },
  };
}

describe('rows.py and rows.mjs of an exported table', () => {
  const told: readonly Case[] = [
    {
      text: `\ufeffplace,more,${HEADER.split(',').slice(0, 4).join(',')}\r\nb"c,1,3.3,Yes,blue,1000000\r\n"b""c",2,NA,?,,?\r\n\r\nz,3, 4 ,no,green,1e6`,
    },
    { text: 'size;new;colour;far;place\n1,5;t;7;3,;a\n,5;F;7;1.5;a\n', decimal: 'comma' },
    { text: `${HEADER}\n1e39,1,7,1,a\n1,maybe,,1e35,a\nx,,,y,\n1,1,7,1\n1,1,7,1,a,b\n` },
    { text: `${HEADER}\n1e39,1,7,1,a\n1,maybe,7,1e35,a\nx,,,y,\n`, dialect: { missing: 'error' } },
    { text: 'size,new\n1,yes\n' },
    { text: `${HEADER}\n"1,1,7,1,a\n` },
    { text: `${HEADER}\n1,1,"a" b,1,a\n` },
    { text: '' },
  ];

  it('make of tables what lossnet predict makes of them, to the last bit', async () => {
    const cases = [...told, ...Array.from({ length: 300 }, (_, seed) => drawn(seed))];
    const [inJavaScript, inPython] = [await byJavaScript(cases), byPython(cases)];
    let [good, refused, unusable] = [0, 0, 0];
    for (const [i, one] of cases.entries()) {
      const expected = placed(await byLossnet(one));
      // A table without rows is an empty list; who asked for predictions is told that there are none.
      const isEmpty = 'error' in expected && expected.error === 'no rows';
      for (const made of [inJavaScript[i]!, inPython[i]!]) {
        if (isEmpty) expect('rows' in made && made.rows.some((row) => 'inputs' in row), one.text).toBe(false);
        else expect(masked(placed(made)), one.text).toEqual(masked(expected));
      }
      if ('rows' in expected) {
        good += expected.rows.filter((row) => 'inputs' in row).length;
        refused += expected.rows.filter((row) => 'error' in row).length;
      } else unusable += 1;
    }
    expect([good > 300, refused > 100, unusable > 30]).toEqual([true, true, true]);
  });

  it('have the columns of a row in the order of the table, of two with the same name the first', async () => {
    const text = 'place,size,place,new\na,1,b,yes\n';
    const { Rows } = await import(join(folder, 'rows.mjs'));
    const expected = [
      ['place', 'a'],
      ['size', '1'],
      ['new', 'yes'],
    ];
    expect(Object.entries(new Rows(exported({ text })).read(text)[0])).toEqual(expected);
    const code = `import json, sys
from rows import Rows
given = json.load(sys.stdin)
json.dump(list(Rows(given["about"]).read(given["text"])[0].items()), sys.stdout)`;
    expect(python(code, { about: exported({ text }), text })).toEqual(expected);
  });

  it('take values of programs as well as texts', async () => {
    const { Rows } = await import(join(folder, 'rows.mjs'));
    const one: Case = { text: '', decimal: 'comma' };
    const rows = new Rows(exported(one));
    const row = { size: 1.5, new: true, colour: 7, far: null, place: 'b"c' };
    const expected = [
      ...rows.encode({ size: '1,5', new: 'true', colour: '7', far: '', place: 'b"c' }),
    ] as number[];
    expect([...rows.encode(row)]).toEqual(expected);
    const code = `import json, sys
from rows import Rows
rows = Rows(json.load(sys.stdin))
row = {"size": 1.5, "new": True, "colour": 7.0, "far": None, "place": 'b"c'}
json.dump([rows.encode(row), rows.encode({**row, "far": float("nan")})], sys.stdout)`;
    expect(python(code, exported(one))).toEqual([expected, expected]);
    expect(() => rows.encode({ size: 'much', colour: 'blue', far: 1, place: 'a' })).toThrow(
      'column "size" has "much", and is to be a number; column "new" is not there',
    );
  });

  it('tell classes by what the loss makes of outputs, and values by name', async () => {
    const { Rows } = await import(join(folder, 'rows.mjs'));
    const of = (target: object, probabilities: string | null) => ({
      ...exported({ text: '' }),
      ...{ target, probabilities },
    });
    const classes = { kind: 'class', names: ['no', 'yes', 'maybe'] };
    const cases = [
      { about: of(classes, 'softmax'), outputs: [1000, 1001, 999] },
      { about: of(classes, 'sigmoids'), outputs: [-900, 2, 2] },
      { about: of(classes, null), outputs: [0.5, -1, 0.5] },
      { about: of({ kind: 'value', names: ['x', 'y'] }, null), outputs: [0.5, -1] },
    ];
    const said = cases.map(({ about, outputs }) => new Rows(about).answer(Float32Array.from(outputs)));
    const code = `import json, sys
from rows import Rows
json.dump([Rows(case["about"]).answer(case["outputs"]) for case in json.load(sys.stdin)], sys.stdout)`;
    expect(python(code, cases)).toEqual(said);
    const shares = [0.24472847, 0.66524096, 0.09003057];
    expect(said[0].class).toBe('yes');
    for (const [i, share] of Object.values(said[0].probabilities).entries())
      expect(share).toBeCloseTo(shares[i]!, 7);
    expect(said[1]).toEqual({
      ...{ class: 'yes', probability: 0.5 },
      probabilities: { no: 0, yes: 0.5, maybe: 0.5 },
    });
    expect(said[2]).toEqual({ class: 'no', probability: null, probabilities: null });
    expect(said[3]).toEqual({ x: 0.5, y: -1 });
    expect(() => new Rows(cases[3]!.about).answer([Number.NaN, 1])).toThrow('not a finite number');
  });
});

/** Python calls infinity by another name; lossnet shows a text in one line. */
function masked(made: Made): Made {
  if ('error' in made) return made;
  const mask = (text: string) =>
    text.replace(/\s+/g, ' ').replace(/has \S+, more than float32/g, 'has …, more than float32');
  return { rows: made.rows.map((row) => ('error' in row ? { error: mask(row.error) } : row)) };
}
