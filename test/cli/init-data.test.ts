import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lossnet, workspace } from '../helpers/cli.js';
import { faults } from '../helpers/faults.js';
import { inOneProcess } from '../helpers/one-process.js';
import { ROOT } from '../helpers/pages.js';
import { BIN, onTerminal } from '../helpers/terminal.js';
import { npy, npz } from '../train/data/sources/arrays/helpers.js';

const read = (cwd: string, file: string) => readFileSync(join(cwd, file), 'utf8');

/** A folder with files of bytes or text. */
function folderWith(files: Readonly<Record<string, string | Uint8Array>>): string {
  const cwd = workspace({});
  for (const [name, content] of Object.entries(files)) writeFileSync(join(cwd, name), content);
  return cwd;
}

const features = (rows: number, columns: number) =>
  Float32Array.from({ length: rows * columns }, (_, i) => Math.sin(i * 1.7) * 3);
const numbers = (rows: number) => Float32Array.from({ length: rows }, (_, i) => Math.cos(i) * 2.5);
const classes = (rows: number, count: number) => Int32Array.from({ length: rows }, (_, i) => i % count);
const bytes = (count: number) => Uint8Array.from({ length: count }, (_, i) => (i * 37) % 256);
const DIGITS = npz({
  x_train: npy(bytes(60 * 64), [60, 8, 8]),
  y_train: npy(classes(60, 10)),
  x_test: npy(bytes(20 * 64), [20, 8, 8]),
  y_test: npy(classes(20, 10)),
});

describe('lossnet init with arrays', () => {
  it.each([
    {
      what: 'images in an .npz, with those for the end beside them',
      files: { 'digits.npz': DIGITS },
      args: ['digits.npz'],
      said: '60 samples, images of 1 x 8 x 8, 10 classes to tell',
      lines: [
        '  inputs: x_train # uint8, images of 1 x 8 x 8',
        '  target_type: class # 10 different ones; or number',
        '  split: { val: 0.2, by: random } # to choose the best epoch with',
        '  test: { inputs: x_test, targets: y_test } # for the end',
        '  - { type: conv2d, out_channels: 16, kernel_size: 3, padding: 1 } # 16 x 8 x 8',
        'loss: { type: cross_entropy }',
      ],
      file: 'digits.yaml',
    },
    {
      what: 'features and numbers in two .npy files',
      files: { 'x.npy': npy(features(80, 3), [80, 3]), 'y.npy': npy(numbers(80)) },
      args: ['x.npy', '--target', 'y.npy'],
      said: '80 samples, 3 features, a number to tell',
      lines: [
        '  inputs: x.npy # float32, [80, 3]',
        '  targets: y.npy',
        'loss: { type: mse }',
        'checkpoint: { monitor: eval_rmse }',
      ],
      file: 'x.yaml',
    },
    {
      what: 'many different whole numbers as numbers, with names of their own',
      files: { 'odd.npz': npz({ alpha: npy(features(80, 3), [80, 3]), beta: npy(classes(80, 70)) }) },
      args: ['odd.npz', '--inputs', 'alpha', '--target', 'beta', '-o', 'mine.yaml'],
      said: '80 samples, 3 features, a number to tell',
      lines: [
        '  target_type: number # 70 different whole numbers; or class',
        '  inputs: alpha # float32, [80, 3]',
      ],
      file: 'mine.yaml',
    },
  ])('takes $what, to be trained on in the next command', async ({ files, args, said, lines, file }) => {
    const cwd = folderWith(files);
    const { code, stdout, stderr } = await lossnet(['init', ...args], { cwd });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain(`wrote ${file}: ${said}; a model of `);
    for (const line of lines) expect(read(cwd, file)).toContain(`${line}\n`);
    const tried = await lossnet(['train', file, '--dry-run'], { cwd });
    expect(tried.code, tried.stderr).toBe(0);
  });

  const REFUSALS: [args: string[], said: string][] = [
    [['x.npy'], 'name the file with what is to be told: --target y.npy, for example'],
    [['x.npy', '--target', 'z.npy'], 'there is no file z.npy'],
    [['x.npy', '--inputs', 'a', '--target', 'y.npy'], 'leave --inputs out'],
    [['odd.npz'], 'say which are the inputs: --inputs alpha'],
    [['odd.npz', '--inputs', 'alpha'], 'say which are the targets: --target alpha'],
    [['odd.npz', '--inputs', 'alhpa'], 'Did you mean alpha?'],
    [['odd.npz', '--skip-lines', '1'], 'odd.npz is a file of arrays: there is no line in it.'],
    [['bad.npz'], 'bad.npz'],
    [['t.csv', '--inputs', 'a', '--target', 'a'], 't.csv is a table: there is no array in it.'],
    [['short.txt'], 'take a longer text'],
    [['t.csv', '--configs', 'x'], "--configs brings lossnet's own configurations"],
    [['--target', 'x'], '--target is about data'],
    [['--no-header'], '--no-header is about data'],
    [['--configs', 'my folder'], 'expected a folder of letters'],
    [['--configs', 'file'], 'Cannot write'],
  ];

  it('refuses what it cannot use, names the option that is missing, and writes nothing', () => {
    const cwd = folderWith({
      'x.npy': npy(features(80, 3), [80, 3]),
      'y.npy': npy(numbers(80)),
      'odd.npz': npz({ alpha: npy(features(80, 3), [80, 3]), beta: npy(classes(80, 70)) }),
      'bad.npz': 'PK no',
      't.csv': 'a,b\n1,2\n',
      'short.txt': 'hi',
      file: '',
    });
    const before = readdirSync(cwd);
    const refused = inOneProcess(
      REFUSALS.map(([args]) => ['init', ...args]),
      { cwd },
    );
    for (const [i, [, said]] of REFUSALS.entries()) {
      const { code, stdout, stderr } = refused[i]!;
      expect(stderr).toContain(said);
      expect([stdout, stderr.includes('    at ')]).toEqual(['', false]);
      expect(code, said).toBe(said === 'Cannot write' ? 1 : 2);
    }
    expect(readdirSync(cwd)).toEqual(before);
  });
});

describe('lossnet init with a text', () => {
  const SENTENCE = 'Call me Ishmael. Some years ago, never mind how long. ';

  it('writes a configuration, which is trained on in the next command', async () => {
    const cwd = folderWith({ 'book.txt': SENTENCE.repeat(60) });
    const { code, stdout } = await lossnet(['init', 'book.txt', '--json'], { cwd });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      type: 'init',
      file: 'book.yaml',
      told: '3,240 characters, 22 different ones',
    });
    const text = read(cwd, 'book.yaml');
    expect(text).toContain('  context: 64 # characters that the network sees');
    expect(text).toContain('  - { type: embedding, num_embeddings: 22, embedding_dim: 16 } # 64 x 16');
    const tried = await lossnet(['train', 'book.yaml', '--dry-run'], { cwd });
    expect(tried.code, tried.stderr).toBe(0);
  });

  it('takes what is no UTF-8 by its bytes, a short text by a short context, and a text with a target for a table', async () => {
    const cwd = folderWith({
      'latin.txt': Buffer.from('caf\u00e9 au lait. '.repeat(90), 'latin1'),
      'table.txt': `a\tb\n${Array.from({ length: 40 }, (_, i) => `${i}.5\t${i % 2 ? 'p' : 'q'}`).join('\n')}\n`,
    });
    expect((await lossnet(['init', 'latin.txt'], { cwd })).code).toBe(0);
    expect(read(cwd, 'latin.yaml')).toContain('  level: byte # it is no UTF-8 text\n  context: 16 #');
    expect((await lossnet(['init', 'table.txt', '--target', 'b'], { cwd })).code).toBe(0);
    expect(read(cwd, 'table.yaml')).toContain('  type: csv\n');
    for (const file of ['latin.yaml', 'table.yaml'])
      expect((await lossnet(['validate', file], { cwd })).code).toBe(0);
  });
});

describe('lossnet init on a terminal', () => {
  it('asks which column or array is meant, until it is told one', async () => {
    const cwd = folderWith({
      't.csv': `a,b,colour\n${Array.from({ length: 40 }, (_, i) => `${i}.5,${i % 3}.25,${i % 2 ? 'red' : 'blue'}`).join('\n')}\n`,
    });
    const command = [process.execPath, BIN, 'init', 't.csv'];
    const question = 'Which is it\\? Its number or name \\[3\\]: ';
    const told = await onTerminal(
      command,
      [
        { wait: question, send: 'colr\n' },
        { wait: question, send: '2\n' },
      ],
      { cwd },
    );
    expect(told.output).toContain('t.csv has 3 columns, and one of them is to be told:');
    expect(told.output).toContain('There is no colr; did you mean colour?');
    expect([told.code, read(cwd, 't.yaml')]).toEqual([
      0,
      expect.stringContaining('target: { column: b, type: number }'),
    ]);
    rmSync(join(cwd, 't.yaml'));
    const stopped = await onTerminal(command, [{ wait: question, send: '\u0003' }], { cwd });
    expect([stopped.code, existsSync(join(cwd, 't.yaml'))]).toEqual([130, false]);
  });
});

describe("lossnet init without data: lossnet's own configurations", () => {
  it('brings all of them, with what they need, and paths that fit', async () => {
    const cwd = workspace({});
    const { code, stdout, stderr } = await lossnet(['init', '--configs', 'mine/own'], { cwd });
    expect([code, stderr]).toEqual([0, '']);
    const all = (folder: string) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
    expect(all(join(cwd, 'mine/own'))).toEqual(all(`${ROOT}configs`));
    expect(stdout).toMatch(/^mine\/own\/shapes-sgd\.yaml +A small CNN on generated shapes\.$/m);
    expect(stdout).toMatch(
      /\nwrote 1\d\d files to mine\/own: .*\nnext: lossnet train mine\/own\/shapes-sgd\.yaml\n$/,
    );
    expect(read(cwd, 'mine/own/pendulum.yaml')).toContain('  path: mine/own/pendulum.csv');
    const names = readdirSync(join(cwd, 'mine/own')).filter((name) => name.endsWith('.yaml'));
    expect(names.length).toBeGreaterThan(10);
    for (const name of names) expect(read(cwd, `mine/own/${name}`)).not.toMatch(/(?<![\w./-])configs\//);
    const checked = await lossnet(['validate', ...names.map((name) => `mine/own/${name}`)], { cwd });
    expect(checked.code, checked.stderr).toBe(0);
  });

  it('goes on where it was killed, and replaces nothing that is another', async () => {
    const cwd = workspace({});
    const kill = { call: 'rename', path: 'pendulum.yaml$', signal: 'SIGKILL' } as const;
    expect((await lossnet(['init'], { cwd, env: faults({ rules: [kill] }) })).signal).toBe('SIGKILL');
    expect(existsSync(join(cwd, 'configs/pendulum.yaml'))).toBe(false);
    const json = JSON.parse((await lossnet(['init', '--json'], { cwd })).stdout);
    expect(json).toMatchObject({
      type: 'configs',
      folder: 'configs',
      written: expect.arrayContaining(['configs/pendulum.yaml']),
    });
    expect(json.written).not.toContain('configs/cifar-sgd.yaml');
    expect((await lossnet(['init'], { cwd })).stdout).toContain(
      'all of them were in configs already, and nothing was written',
    );
    writeFileSync(join(cwd, 'configs/leaves.yaml'), 'mine');
    rmSync(join(cwd, 'configs/pendulum.csv'));
    const refused = await lossnet(['init'], { cwd });
    expect([refused.code, refused.stderr]).toEqual([
      2,
      expect.stringContaining(
        'This file is there already, and not as lossnet brings them: configs/leaves.yaml.',
      ),
    ]);
    expect([read(cwd, 'configs/leaves.yaml'), existsSync(join(cwd, 'configs/pendulum.csv'))]).toEqual([
      'mine',
      false,
    ]);
    expect((await lossnet(['init', '--force'], { cwd })).code).toBe(0);
    expect(read(cwd, 'configs/leaves.yaml')).toContain('root: configs/leaves');
  });
});
