import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { lossnet, workspace } from '../helpers/cli.js';

const rows = Array.from({ length: 120 }, (_, i) => {
  const age = i % 7 === 0 ? '' : `${(i * 13) % 60}`;
  return `${i + 1},Name ${i},${age},${['red', 'green', 'blue'][i % 3]},${(i * 31) % 50}.5,${(i * 13) % 60 > 30 ? 'yes' : 'no'}`;
});
const TABLE = `id,name,age,colour,fare,survived\n${rows.join('\n')}\n`;
const read = (cwd: string, file: string) => readFileSync(join(cwd, file), 'utf8');

describe('lossnet init', () => {
  it('writes a configuration for a table, which is trained on in the next command', async () => {
    const cwd = workspace({ 'people.csv': TABLE });
    const { code, stdout, stderr } = await lossnet(['init', 'people.csv', '--target', 'survived'], { cwd });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('wrote people.yaml: 120 rows, 5 inputs, 2 classes to tell;');
    expect(stdout).toContain('next: lossnet data people.yaml, then lossnet train people.yaml');
    const text = read(cwd, 'people.yaml');
    expect(text).toContain(
      [
        '  target: { column: survived, type: class } # 2 different texts',
        '  columns: # number, boolean, category or ignore: as its values look, check it',
        '    id: ignore # by its name it only numbers something',
        '    name: ignore # column `name` has more than 100 different texts, such as `Name 0`',
        '    age: number',
        '    colour: category',
        '    fare: number',
        '  missing: median # age lacks 18; or drop, mean, median, constant',
      ].join('\n'),
    );
    const trained = await lossnet(['train', 'people.yaml', 'epochs=2'], { cwd });
    expect(trained.code, trained.stderr).toBe(0);
    expect(trained.stdout).toContain('test of the best epoch: accuracy');
  });

  it.each([
    ['numbers', 'fare', 'target: { column: fare, type: number } # numbers', 'loss: { type: mse }'],
    [
      'a position',
      '-1',
      'target: { column: -1, type: class } # 2 different texts',
      'loss: { type: cross_entropy }',
    ],
  ])('takes %s for what they are', async (_, target, ...expected) => {
    const cwd = workspace({ 'people.csv': TABLE });
    const args = ['init', 'people.csv', '--target', target, '-o', 'mine.yaml'];
    expect((await lossnet(args, { cwd })).code).toBe(0);
    for (const line of expected) expect(read(cwd, 'mine.yaml')).toContain(line);
    expect((await lossnet(['validate', 'mine.yaml'], { cwd })).code).toBe(0);
  });

  it('writes a configuration for a folder of pictures, which is trained on in the next command', async () => {
    const cwd = workspace({});
    cpSync(fileURLToPath(new URL('../../configs/leaves', import.meta.url)), join(cwd, 'leaves'), {
      recursive: true,
    });
    const { code, stdout } = await lossnet(['init', 'leaves'], { cwd });
    expect(code).toBe(0);
    expect(stdout).toContain('wrote leaves.yaml: 120 pictures of 3 classes;');
    expect(read(cwd, 'leaves.yaml')).toContain('  image_size: 32 # larger: slower, and sharper\n');
    const trained = await lossnet(['train', 'leaves.yaml', 'epochs=1'], { cwd });
    expect(trained.code, trained.stderr).toBe(0);
    expect(trained.stdout).toContain('test of the best epoch: accuracy');
    const refused = await lossnet(['init', 'leaves', '--target', 'x', '-o', 'y.yaml'], { cwd });
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('leaves is a folder')]);
    mkdirSync(join(cwd, 'empty'));
    const empty = await lossnet(['init', 'empty'], { cwd });
    expect([empty.code, empty.stderr]).toEqual([2, expect.stringContaining('empty')]);
  });

  it('says of a column no more than it has seen: that no number occurs twice, only where all were kept', async () => {
    const few = Array.from({ length: 30 }, (_, i) => `${i + 1},${(i * 7) % 11}.5,${i % 2 ? 'p' : 'q'}`);
    const many = Array.from({ length: 400 }, (_, i) => `${(i * 13) % 200},${i % 9}.5,${i % 2 ? 'p' : 'q'}`);
    const cwd = workspace({
      'few.csv': `place,x,y\n${few.join('\n')}\n`,
      'many.csv': `customer_id,x,y\n${many.join('\n')}\n`,
    });
    for (const file of ['few', 'many']) await lossnet(['init', `${file}.csv`, '--target', 'y'], { cwd });
    expect(read(cwd, 'few.yaml')).toContain(
      'place: ignore # different in every row, as what only numbers them',
    );
    expect(read(cwd, 'many.yaml')).toContain('customer_id: ignore # by its name it only numbers something');
  });

  it('writes names of columns that YAML takes for something else in quotes, and trains on them', async () => {
    const names = ['Size,\n"m2"', 'a: b', '{x}', '- y', '#z', '? q', 'null', 'Price, [EUR]: x'];
    const header = names.map((name) => `"${name.replaceAll('"', '""')}"`).join(',');
    const body = Array.from({ length: 60 }, (_, i) =>
      names.map((_, k) => `${(i * (k + 3)) % 17}.5`).join(','),
    );
    const cwd = workspace({ 'odd.csv': `${header}\n${body.join('\n')}\n` });
    const written = await lossnet(['init', 'odd.csv', '--target', names[7]!], { cwd });
    expect(written).toMatchObject({ code: 0, stderr: '' });
    expect(read(cwd, 'odd.yaml')).toContain(
      '  target: { column: "Price, [EUR]: x", type: number } # numbers\n',
    );
    expect(read(cwd, 'odd.yaml')).toContain('    "Size,\\n\\"m2\\"": number\n');
    const trained = await lossnet(['train', 'odd.yaml', 'epochs=2', '--name', 'odd', '-q'], { cwd });
    expect(trained).toMatchObject({ code: 0, stderr: '' });
    // What the run keeps of its configuration is read again.
    const said = await lossnet(['predict', 'runs/odd', 'odd.csv', '--format', 'csv'], { cwd });
    expect(said).toMatchObject({ code: 0, stderr: '' });
    expect(said.stdout.split('\n')).toHaveLength(62);
  });

  it('reads what has no header, and a first line that is none', async () => {
    const body = rows.map((row) => row.replace(/^\d+,Name /, '')).join('\n');
    const cwd = workspace({ 't.csv': `120,5,what,ever,it,is,too\n${body}\n` });
    const refused = await lossnet(['init', 't.csv', '--target', '-1'], { cwd });
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('if that line is no header: --no-header, --skip-lines 1');
    const args = ['init', 't.csv', '--target', '-1', '--no-header', '--skip-lines', '1'];
    expect((await lossnet(args, { cwd })).code).toBe(0);
    expect(read(cwd, 't.yaml')).toContain('  header: false\n  skip_lines: 1\n');
    expect((await lossnet(['validate', 't.yaml'], { cwd })).code).toBe(0);
  });

  it('shares few rows out by lot, where hashes leave none for a part', async () => {
    const rows = [1, 2, 3, 4, 5].map((x) => `${x + 1},${x * x}.5`);
    const cwd = workspace({ 'few.csv': ['x,y', ...rows, ''].join('\n') });
    expect(await lossnet(['init', 'few.csv', '--target', 'y'], { cwd })).toMatchObject({
      code: 0,
      stderr: '',
    });
    expect(read(cwd, 'few.yaml')).toContain('split: { val: 0.2, test: 0.2, by: random }');
    const { stdout } = await lossnet(['data', 'few.yaml'], { cwd });
    expect(stdout).toMatch(/^all +3 +1 +1$/m);
  });

  it('leaves a configuration that is there as it is, unless it is forced', async () => {
    const cwd = workspace({ 'people.csv': TABLE, 'people.yaml': 'mine' });
    const refused = await lossnet(['init', 'people.csv', '--target', 'survived'], { cwd });
    expect([refused.code, read(cwd, 'people.yaml')]).toEqual([2, 'mine']);
    expect(refused.stderr).toContain('people.yaml is there already.');
    expect((await lossnet(['init', 'people.csv', '--target', 'survived', '--force'], { cwd })).code).toBe(0);
    expect(read(cwd, 'people.yaml')).toContain('# Written by lossnet init.');
  });

  it.each([
    [['init', 'people.csv'], 'say which: --target "survived", for example'],
    [['init', 'people.csv', '--target', 'survivd'], 'Did you mean survived?'],
    [['init', 'people.csv', '--target', '9'], 'has 6 columns; received 9'],
    [['init', 'nothing.csv', '--target', 'x'], 'There is no file or folder nothing.csv.'],
    [['init', 'empty.csv', '--target', 'x'], 'empty.csv is empty'],
    [['init', 'one.csv', '--target', 'b'], 'only one class'],
    [['init', 'few.csv', '--target', 'b'], 'bring more: some are held out'],
    [['init', 'people.csv', '--skip-lines', 'x'], 'Expected a whole number'],
  ])('refuses %j', async (args, said) => {
    const cwd = workspace({
      'people.csv': TABLE,
      'empty.csv': '',
      'one.csv': 'a,b\n1,x\n2,x\n',
      'few.csv': 'a,b\n1,2.5\n',
    });
    const { code, stderr } = await lossnet(args, { cwd });
    expect(stderr).toContain(said);
    expect(code).toBe(2);
  });

  it('says so where it cannot write', async () => {
    const cwd = workspace({ 'people.csv': TABLE });
    writeFileSync(join(cwd, 'file'), '');
    const { code, stderr } = await lossnet(['init', 'people.csv', '--target', 'fare', '-o', 'file/x.yaml'], {
      cwd,
    });
    expect(code).toBe(1);
    expect(stderr).toContain('file/x.yaml');
    expect(stderr).not.toContain('    at ');
  });
});
