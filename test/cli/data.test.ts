import { describe, expect, it } from 'vitest';
import { lossnet, workspace } from '../helpers/cli.js';

const SHAPES = `
dataset: { type: shapes, train_size: 60, eval_size: 20 }
model: [{ type: flatten }, { type: linear, out_features: 10 }]
optimizer: { type: sgd, lr: 0.01 }
`;
const TABLE = `
dataset: { type: csv, path: t.csv, target: y, split: { val: 0.3, test: 0, by: random } }
model: [{ type: linear, out_features: 2 }]
optimizer: { type: sgd, lr: 0.01 }
`;
const rows = Array.from({ length: 40 }, (_, i) => `${(i * 7) % 40},1,${i % 20 === 0 ? 'rare' : 'often'}`);

describe('lossnet data', () => {
  it('counts by class and part, and exits with 0 where nothing is wrong', async () => {
    const cwd = workspace({ 'a.yaml': SHAPES });
    const { code, stdout, stderr } = await lossnet(
      ['data', 'a.yaml', 'dataset.split={ val: 0.5, by: random }'],
      { cwd },
    );
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('shapes: images of 3 x 32 x 32, 10 classes\n');
    expect(stdout).toMatch(/^ +train {2}val {2}test$/m);
    expect(stdout).toMatch(/^all +30 +30 +20$/m);
    expect(stdout).toContain('from generated\n');
    expect(stdout).toContain('nothing was found to be wrong');
  });

  it('tells what is wrong, with columns and what to do', async () => {
    const cwd = workspace({ 'a.yaml': TABLE, 't.csv': `x,c,y\n${rows.join('\n')}\n` });
    const { code, stdout } = await lossnet(['data', 'a.yaml'], { cwd });
    expect(code).toBe(0);
    expect(stdout).toContain(
      'warning  a column has the same value in every row\n         t.csv, column `c`\n',
    );
    expect(stdout).toContain('→ nothing can be learnt from it: columns: { c: ignore }');
  });

  it('exits with 1 where there is an error, and tells scripts as JSON', async () => {
    const split = { val: 0.1, test: 0, by: 'column', column: 'part' };
    const config = TABLE.replace(/split: \{.*?\}/, `split: ${JSON.stringify(split)}`);
    const body = rows.map((row, i) => `${row},${i % 20 === 0 || i > 30 ? 'val' : 'train'}`).join('\n');
    const cwd = workspace({ 'a.yaml': config, 't.csv': `x,c,y,part\n${body}\n` });
    const { code, stdout } = await lossnet(['data', 'a.yaml', '--json'], { cwd });
    expect(code).toBe(1);
    const [line, ...others] = stdout.trim().split('\n');
    expect(others).toEqual([]);
    const { type, parts, findings } = JSON.parse(line!);
    expect(type).toBe('data');
    expect(parts.map(({ part, records }: { part: string; records: number }) => [part, records])).toEqual([
      ['train', 29],
      ['val', 11],
    ]);
    expect(findings[0]).toMatchObject({ level: 'error', kind: 'missing_class', places: ['rare'], count: 1 });
  });

  it.each([
    [['data', 'b.yaml'], 2, 'b.yaml'],
    [['data', 'a.yaml', 'dataset.trainsize=3'], 2, 'train_size'],
    [['data'], 2, "missing required argument 'config'"],
  ])('refuses %j', async (args, expected, said) => {
    const { code, stderr } = await lossnet(args, { cwd: workspace({ 'a.yaml': SHAPES }) });
    expect(code).toBe(expected);
    expect(stderr).toContain(said);
  });
});
