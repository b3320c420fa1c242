import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { lossnet, workspace } from '../helpers/cli.js';
import { npy, npz } from '../train/data/sources/arrays/helpers.js';

const table = [
  'size,kind,open,price',
  ...Array.from({ length: 80 }, (_, i) => {
    const size = ((i * 37) % 50) / 10;
    return `${size},${['a', 'b', 'c'][i % 3]},${i % 2 ? 'yes' : 'no'},${(3 * size + (i % 3)).toFixed(2)}`;
  }),
  '',
].join('\n');
const TABLE = `epochs: 20
dataset: { type: csv, path: t.csv, target: price, missing: MISSING, standardize: true }
loader: { batch_size: 8 }
model: [{ type: linear, out_features: 1 }]
loss: { type: mse }
optimizer: { type: adam, lr: 0.1 }
`;
const PICTURES = `epochs: 2
dataset: { type: image_folder, root: own, image_size: [12, 10], split: { val: 0.2, test: 0 }, cache: { enabled: false } }
loader: { batch_size: 8 }
transforms: { normalize: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } }
model: [{ type: flatten }, { type: linear, out_features: 3 }]
optimizer: { type: adam, lr: 0.02 }
`;
const ARRAYS = `epochs: 2
dataset: { type: arrays, path: d.npz, split: { by: random } }
loader: { batch_size: 8 }
model: [{ type: linear, out_features: 2 }]
optimizer: { type: adam, lr: 0.1 }
`;
const TEXT = `epochs: 1
dataset: { type: text, size: 3000, context: 8, split: { val: 0.2, test: 0 } }
model: [{ type: embedding, num_embeddings: 19, embedding_dim: 4 }, { type: gru, hidden_size: 6 }, { type: linear, out_features: 19 }]
optimizer: { type: adam, lr: 0.02 }
`;
const COLOURS = { red: [220, 40, 40], green: [40, 220, 40], blue: [40, 40, 220] } as const;

const cwd = workspace({
  't.csv': table,
  't.yaml': TABLE.replace('MISSING', 'mean'),
  'strict.yaml': TABLE.replace('MISSING', 'error'),
  'p.yaml': PICTURES,
  'a.yaml': ARRAYS,
  'x.yaml': TEXT,
});
const picture = (colour: keyof typeof COLOURS, i: number) => {
  const [r, g, b] = COLOURS[colour];
  const background = { r: r + (i % 9), g: g + (i % 7), b: b + (i % 5) };
  return sharp({ create: { width: 20 + i, height: 24, channels: 3, background } })
    .png()
    .toBuffer();
};
const file = (name: string) => join(cwd, name);

interface Line {
  input: string;
  line?: number;
  sample?: number;
  error?: string;
  class?: string;
  probability?: number;
  top?: { class: string; probability: number }[];
  value?: number;
  unseen?: Record<string, string>;
  prompt?: string;
  text?: string;
}

async function predict(args: string[], stdin?: string | Buffer) {
  const result = await lossnet(['predict', ...args], {
    cwd,
    onStart: (child) => {
      child.stdin!.on('error', () => {});
      child.stdin!.end(stdin);
    },
  });
  const lines = result.stdout.split('\n').filter((line) => line !== '');
  return { ...result, lines, records: () => lines.map((line) => JSON.parse(line) as Line) };
}

beforeAll(async () => {
  for (const colour of Object.keys(COLOURS) as (keyof typeof COLOURS)[]) {
    mkdirSync(file(`own/${colour}`), { recursive: true });
    for (let i = 0; i < 8; i++) writeFileSync(file(`own/${colour}/${i}.png`), await picture(colour, i));
  }
  const inputs = Float32Array.from({ length: 120 }, (_, i) => Math.sin(i * i));
  const targets = Uint8Array.from({ length: 60 }, (_, i) => (inputs[2 * i]! > 0 ? 1 : 0));
  writeFileSync(file('d.npz'), npz({ inputs: npy(inputs, [60, 2]), targets: npy(targets) }));
  writeFileSync(file('x.npy'), npy(inputs, [60, 2]));
  writeFileSync(file('wide.npy'), npy(inputs, [40, 3]));
  const names = ['t', 'strict', 'p', 'a', 'x'];
  for (const name of names) {
    const { code, stderr } = await lossnet(['train', `${name}.yaml`, '-q'], { cwd });
    expect([code, name, code === 0 ? '' : stderr]).toEqual([0, name, '']);
  }
});

describe('lossnet predict, of a table', () => {
  it('says the values of rows in the units of the table, as evaluate finds them', async () => {
    const { code, records, stderr } = await predict(['runs/t', 't.csv']);
    expect([code, stderr]).toEqual([0, '']);
    const rows = table.trim().split('\n').slice(1);
    const errors = records().map(({ value, line }) => value! - Number(rows[line! - 2]!.split(',')[3]));
    expect(errors).toHaveLength(80);
    const rmse = Math.sqrt(errors.reduce((sum, error) => sum + error * error, 0) / 80);
    const { stdout } = await lossnet(['evaluate', 'runs/t', '--part', 'all', '--json'], { cwd });
    expect(rmse).toBeCloseTo((JSON.parse(stdout) as { figures: { rmse: number } }).figures.rmse, 5);
  });

  it('reads rows as they come, and needs no target, no order of columns, and no more of them', async () => {
    const rows = 'other,open,kind,size\n1,yes,a,2\n2,no,b,\n3,yes,d,4\n';
    const { code, records } = await predict(['runs/t', '-'], rows);
    expect(code).toBe(0);
    expect(records().map(({ line, unseen }) => [line, unseen])).toEqual([
      [2, undefined],
      [3, undefined],
      [4, { kind: 'd' }],
    ]);
    const zipped = await predict(['runs/t', '-'], gzipSync(rows));
    expect(zipped.stdout).toBe((await predict(['runs/t', '-'], rows.replaceAll('\n', '\r\n'))).stdout);
    expect(zipped.records()).toEqual(records());
    const quoted = await predict(['runs/t', '-'], 'note,open,kind,size\n"a\nb",yes,a,2\n"c",no,b,1\n');
    expect(quoted.records().map(({ line }) => line)).toEqual([2, 4]);
    expect(quoted.records()[0]!.value).toBe(records()[0]!.value);
  });

  it('answers a row before the next one comes', async () => {
    let first: string | undefined;
    const result = await lossnet(['predict', 'runs/t', '-'], {
      cwd,
      onStart: (child) => child.stdin!.write('size,kind,open\n1,a,yes\n'),
      onOutput: (stdout, child) => {
        if (first !== undefined) return;
        first = stdout;
        child.stdin!.end('2,b,no\n');
      },
    });
    expect(first!.split('\n')).toHaveLength(2);
    expect([result.code, result.stdout.split('\n').length]).toEqual([0, 3]);
  });

  it('reads rows however they come in pieces, with quotes within their fields', async () => {
    const pieces = ['size,kind,open,no', 'te\n1,a,yes,5" pipe\n2,b', ',no,"x,\n', 'y"\n3,c,no,z\n'];
    let at = 0;
    const next = (child: { stdin: { write(text: string): void; end(): void } | null }) => {
      if (at < pieces.length) child.stdin!.write(pieces[at++]!);
      else child.stdin!.end();
    };
    const timers: NodeJS.Timeout[] = [];
    const result = await lossnet(['predict', 'runs/t', '-'], {
      cwd,
      onStart: (child) => timers.push(setInterval(() => next(child), 400)),
    });
    for (const timer of timers) clearInterval(timer);
    const lines = result.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);
    expect([result.code, lines.map(({ line }) => line)]).toEqual([0, [2, 3, 5]]);
  });

  it('fills in what is missing also where training lacked nothing', async () => {
    const [filled, usual] = (
      await predict(['runs/t', '-'], 'size,kind,open\n,a,yes\n2.45,a,yes\n')
    ).records();
    // The mean of the training part, near that of all.
    expect(Math.abs(filled!.value! - usual!.value!)).toBeLessThan(1);
  });

  it('tells of rows that cannot be used, one by one, and does the rest', async () => {
    const rows = 'size,kind,open\n1,a,yes\nbig,a,yes\n1,a\n,a,no\n2,b,no\n2,b,ja\n';
    const { code, records, stderr } = await predict(['runs/strict', '-'], rows);
    expect(code).toBe(1);
    expect(records().map(({ line, error }) => [line, error])).toEqual([
      [2, undefined],
      [3, 'column `size` has `big`, and is to be a number'],
      [4, 'has 2 fields, and the table 3 columns'],
      [5, 'column `size` lacks a value, and training filled in none (dataset.missing: error)'],
      [6, undefined],
      [7, 'column `open` has `ja`, and is to be false or true, no or yes, n or y, f or t, 0 or 1'],
    ]);
    expect(stderr).toBe('warning: 4 inputs could not be used, 2 done\n');
    const strict = await predict(['runs/strict', '-', '--strict'], rows);
    expect([strict.code, strict.lines.length, strict.stderr]).toEqual([
      1,
      2,
      expect.stringContaining('--strict'),
    ]);
  });

  it('writes CSV with the columns of the answer', async () => {
    const { stdout, code } = await predict(
      ['runs/t', '-', '--format', 'csv'],
      'size,kind,open\nx,a,yes\n1,a,yes\n',
    );
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^input,line,price,error\n-,2,,"?column `size` has `x`, and is to be a number"?\n-,3,\d[\d.]*,\n$/,
    );
  });

  it('says what keeps a table from being one', async () => {
    const lacking = await predict(['runs/t', '-'], 'size,open\n1,yes\n');
    expect([lacking.code, lacking.records()[0]!.error]).toEqual([
      1,
      expect.stringContaining('standard input lacks columns that the model was trained with: `kind`'),
    ]);
    const empty = await predict(['runs/t', '-'], '');
    expect([empty.code, empty.stderr]).toEqual([
      1,
      expect.stringContaining('Nothing came from standard input.'),
    ]);
    const several = await predict(['runs/t', 'nowhere.csv', 't.csv', 'own']);
    expect([several.code, several.lines.length]).toEqual([1, 82]);
    expect(several.records()[0]!.error).toContain('there is no file nowhere.csv');
    const bytes = await predict(['runs/t', '-'], Buffer.from([0x61, 0xff, 0x0a]));
    expect(bytes.records()[0]!.error).toContain('is not UTF-8 text');
  });

  it('stops quietly where nobody reads any more', () => {
    const bin = new URL('../../bin/lossnet.js', import.meta.url).pathname;
    const script = `yes 1,a,yes | (echo size,kind,open; cat) | "${process.execPath}" "${bin}" predict runs/t - | head -2; echo "\${PIPESTATUS[1]} \${PIPESTATUS[2]}"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', script], { cwd, encoding: 'utf8' });
    expect(stdout.split('\n')[2]).toMatch(/ 0$/);
    expect(stderr).toBe('');
  });
});

describe('lossnet predict, of pictures', () => {
  it('says classes, the likeliest first, of files, folders, a list and a picture', async () => {
    const { code, records, stderr } = await predict(['runs/p', 'own', '--top', '2']);
    expect([code, stderr, records().length]).toEqual([0, '', 24]);
    for (const { input, class: name, probability, top } of records()) {
      expect(input).toContain(`own/${name}/`);
      expect(top).toHaveLength(2);
      expect(top![0]).toEqual({ class: name, probability });
      expect(top![0]!.probability).toBeGreaterThanOrEqual(top![1]!.probability);
    }
    const list = await predict(['runs/p', '-', '--top', '2'], 'own/blue/0.png\n\nown/blue/1.png\r\n');
    expect(list.records()).toEqual(records().slice(0, 2));
    const bytes = await predict(['runs/p', '-', '--top', '2'], readFileSync(file('own/blue/0.png')));
    expect(bytes.records()).toEqual([{ ...records()[0], input: '-' }]);
  });

  it('tells of a damaged picture among good ones', async () => {
    const bytes = readFileSync(file('own/red/3.png'));
    mkdirSync(file('mixed'), { recursive: true });
    writeFileSync(file('mixed/1.png'), bytes.subarray(0, bytes.length - 20));
    writeFileSync(file('mixed/2.png'), bytes);
    writeFileSync(file('mixed/3.jpg'), 'no picture');
    const { code, records } = await predict(['runs/p', 'mixed', 'nowhere.png', 't.csv']);
    expect(code).toBe(1);
    expect(records().map(({ error, class: name }) => error ?? name)).toEqual([
      expect.stringContaining('damaged PNG'),
      'red',
      expect.stringContaining('is no picture'),
      expect.stringContaining('cannot be read'),
      expect.stringContaining('is no picture'),
    ]);
  });
});

describe('lossnet predict, of arrays', () => {
  it('says classes of samples in files and from standard input', async () => {
    const { code, records } = await predict(['runs/a', 'x.npy', '--top', '1']);
    expect([code, records().length]).toEqual([0, 60]);
    expect(records()[7]).toEqual({
      input: 'x.npy',
      sample: 7,
      class: expect.stringMatching(/^[01]$/),
      probability: expect.any(Number),
    });
    expect((await predict(['runs/a', 'x.npy', '--json', '--format', 'csv'])).code).toBe(2);
    const named = await predict(['runs/a', '-', '--top', '1'], readFileSync(file('d.npz')));
    expect(named.records().map(({ class: name, probability }) => [name, probability])).toEqual(
      records().map(({ class: name, probability }) => [name, probability]),
    );
  });

  it('tells of an array of another shape, and does the rest', async () => {
    const { code, records } = await predict(['runs/a', 'wide.npy', 't.csv', 'x.npy']);
    expect([code, records().length]).toEqual([1, 62]);
    expect(records()[0]!.error).toContain('has the shape (40, 3)');
    expect(records()[1]!.error).toContain('is neither .npy nor .npz');
  });
});

describe('lossnet predict, of a text', () => {
  it('goes on with prompts, the same for the same seed', async () => {
    const args = ['runs/x', '--prompt', '([', '--length', '30'];
    const { code, records } = await predict(args);
    const [{ prompt, text }] = records() as [Line];
    expect([code, prompt, text!.length]).toEqual([0, '([', 30]);
    expect((await predict(args)).records()[0]!.text).toBe(text);
    expect((await predict([...args, '--seed', '1'])).records()[0]!.text).not.toBe(text);
    const sure = await predict([...args, '--temperature', '0']);
    expect((await predict([...args, '--temperature', '0', '--seed', '9'])).stdout).toBe(sure.stdout);
    const piped = await predict(['runs/x', '-', '--length', '30', '--temperature', '0'], '([');
    expect(piped.records()[0]!.text).toBe(sure.records()[0]!.text);
  });

  it('says what cannot be', async () => {
    const none = await predict(['runs/x']);
    expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('--prompt "Once"')]);
    const table = await predict(['runs/t', 't.csv', '--prompt', 'a', '--temperature', '2']);
    expect([table.code, table.stderr]).toEqual([
      2,
      expect.stringContaining('--prompt, --temperature: runs/t is no model of texts'),
    ]);
    const unknown = await predict(['runs/x', '--prompt', 'Ö', '--length', '2']);
    expect([unknown.code, unknown.stderr]).toEqual([0, expect.stringContaining('stand as unknown')]);
    const negative = await predict(['runs/x', '--prompt', 'a', '--temperature', '-1']);
    expect([negative.code, negative.stderr]).toEqual([
      2,
      expect.stringContaining('Expected a number, 0 or more.'),
    ]);
    expect((await predict(['runs/nowhere', 'x'])).code).toBe(2);
    expect(JSON.parse((await predict(['runs/nowhere', 'x', '--json'])).stdout)).toMatchObject({
      type: 'error',
    });
  });
});
