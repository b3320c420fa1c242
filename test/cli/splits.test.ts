import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lossnet, workspace } from '../helpers/cli.js';

const CONFIG = `
dataset: { type: shapes, train_size: 200, eval_size: 50, split: { val: 0.2, by: random } }
epochs: 2
model: [{ type: conv2d, out_channels: 4, kernel_size: 3, stride: 2 }, { type: relu }, { type: flatten }, { type: linear, out_features: 10 }]
optimizer: { type: sgd, lr: 0.01 }
loader: { batch_size: 32 }
`;
const TABLE = `x,y,when,part,who\n${Array.from({ length: 60 }, (_, i) => {
  const part = i < 40 ? 'train' : i < 50 ? 'valid' : 'test';
  return `${(i * 7) % 60},${(i * 7) % 60 > 30 ? 'high' : 'low'},2026-01-${`${1 + Math.floor(i / 2)}`.padStart(2, '0')},${part},p${i % 12}`;
}).join('\n')}\n`;
const tableConfig = (split: string) => `
dataset: { type: csv, path: t.csv, target: y, columns: { when: ignore, part: ignore, who: ignore }, split: ${split} }
epochs: 1
model: [{ type: linear, out_features: 2 }]
optimizer: { type: sgd, lr: 0.1 }
loader: { batch_size: 8 }
`;
const summaryOf = (cwd: string, run: string) =>
  JSON.parse(readFileSync(join(cwd, `runs/${run}/summary.json`), 'utf8'));

describe('samples that are left for the end', () => {
  it('are told of once, recorded, expected of, reported and compared', async () => {
    const cwd = workspace({ 'a.yaml': CONFIG });
    const gates = ['--expect', 'test_loss<=9', '--expect', 'test_accuracy>=1'];
    const { code, stdout, stderr } = await lossnet(['train', 'a.yaml', ...gates], { cwd });
    expect(stderr).toContain('shapes: 160 train images, 40 val images, 50 test images (generated)');
    expect(stdout).toMatch(/^test of the best epoch: accuracy [\d.]+ %; loss \d\.\d+; top5 accuracy /m);
    expect(stdout).not.toContain('chosen on the test set');
    expect(stdout).toMatch(/^passed {2}test_loss<=9 {2}\(it is .*\)$/m);
    expect(stdout).toMatch(/^FAILED {2}test_accuracy>=1 {2}\(it is .*\)$/m);
    expect(code).toBe(4);
    const { test, dataset, best } = summaryOf(cwd, 'a');
    expect(Object.keys(test)).toEqual([
      ...['epoch', 'test_loss', 'test_accuracy', 'test_top5_accuracy', 'test_balanced_accuracy'],
      ...['test_macro_f1', 'test_log_loss', 'test_ece'],
    ]);
    expect(test.epoch).toBe(best.epoch);
    expect(dataset.eval).toMatchObject({ split: 'val', from: { split: 'train', records: 200 } });
    expect(dataset.test).toMatchObject({ split: 'test', records: 50 });

    const json = await lossnet(['train', 'a.yaml', '--name', 'b', '--json'], { cwd });
    const lines = json.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.find(({ type }) => type === 'end').test).toEqual(test);
    expect(lines.find(({ type }) => type === 'start').test).toEqual(dataset.test);

    const compared = await lossnet(['compare', 'runs/a', 'runs/b', '--expect', 'a.test_loss<=9'], { cwd });
    expect(compared.stdout).toContain('test acc');
    expect(compared.stdout).toContain("test: of each run's best epoch, on images that chose nothing");
    expect(compared.code).toBe(0);
    expect((await lossnet(['report', 'runs/a'], { cwd })).code).toBe(0);
    const report = readFileSync(join(cwd, 'runs/a/report.html'), 'utf8');
    expect(report).toContain('<th scope="col">Test accuracy</th>');
    expect(report).not.toContain('was chosen on the test set');
  });

  it('may be none: then the output and the report say on what the best epoch was chosen', async () => {
    const cwd = workspace({ 'a.yaml': CONFIG });
    const { stdout } = await lossnet(['train', 'a.yaml', 'dataset.split=null'], { cwd });
    expect(stdout).toMatch(/best epoch \d: eval loss [\d.]+, chosen on the test set;/);
    await lossnet(['report', 'runs/a'], { cwd });
    const report = readFileSync(join(cwd, 'runs/a/report.html'), 'utf8');
    expect(report).toContain('The best epoch was chosen on the test set');
    expect(summaryOf(cwd, 'a')).not.toHaveProperty('test');
  });

  it.each([
    ['train a.yaml dataset.split=null --expect test_loss<=9', 'test_loss is never known, since no samples'],
    ['train a.yaml checkpoint.monitor=test_loss', 'checkpoint.monitor'],
    ['train a.yaml schedule={type: reduce_on_plateau, monitor: test_loss}', 'schedule.monitor'],
    ['compare sgd adam -c a.yaml --by test_accuracy', "argument 'test_accuracy' is invalid"],
    ['compare sgd adam -c a.yaml --target test_accuracy>=0.5', 'test_accuracy is known at the end alone'],
    ['train a.yaml dataset.split.val=0', 'dataset.split.val'],
    ['train a.yaml dataset.split.val=0.999 dataset.train_size=10', 'leaves none to train on'],
  ])('choose nothing: %s', async (command, problem) => {
    const cwd = workspace({ 'a.yaml': CONFIG });
    const { code, stderr } = await lossnet(command.split(/ (?![^{]*\})(?=\S)/), { cwd });
    expect(stderr).toContain(problem);
    expect(code).toBe(problem.startsWith('leaves') ? 1 : 2);
  });

  it.each([
    ['{}', [47, 8, 5]],
    ['{ by: random, val: 0.2, test: 0.1 }', [42, 12, 6]],
    ['{ by: column, column: part }', [40, 10, 10]],
    ['{ by: time, column: when, val: 0.2, test: 0.1 }', [42, 12, 6]],
    ['{ by: random, group: who, val: 0.25, test: 0.25 }', [30, 15, 15]],
  ])('of a table are shared out with %s', async (split, records) => {
    const cwd = workspace({ 'a.yaml': tableConfig(split), 't.csv': TABLE });
    const { code, stderr } = await lossnet(['train', 'a.yaml'], { cwd });
    expect(code, stderr).toBe(0);
    const { dataset } = summaryOf(cwd, 'a');
    expect([dataset.train, dataset.eval, dataset.test].map((part) => part.records)).toEqual(records);
  });

  it('of a table may be a file of their own', async () => {
    const config = tableConfig('{ val: 0.2, by: random }').replace('target:', 'test_path: e.csv, target:');
    const rows = TABLE.split('\n').slice(0, 11).join('\n');
    const cwd = workspace({ 'a.yaml': config, 't.csv': TABLE, 'e.csv': rows });
    expect((await lossnet(['train', 'a.yaml'], { cwd })).code).toBe(0);
    const { dataset } = summaryOf(cwd, 'a');
    expect([dataset.train, dataset.eval, dataset.test].map((part) => part.records)).toEqual([48, 12, 10]);
    expect(dataset.test.source).toMatch(/e\.csv$/);
  });

  it.each([
    ['{ by: column }', 'split.by column needs a column that says train, val or test'],
    ['{ by: column, column: y }', 'column `y` has texts that are no part: `low` in line 2'],
    ['{ by: time, column: y }', 'column `y` has texts that are no time: `low` in line 2'],
    ['{ by: time, column: whem }', 'did you mean `when`?'],
    ['{ column: part }', 'split.by hash looks at no column'],
    ['{ by: time, column: when, group: who }', 'split.by time keeps no groups together'],
    ['{ by: random, group: who, stratify: true }', 'split.stratify and split.group exclude one another'],
  ])('of a table cannot be shared out with %s', async (split, problem) => {
    const cwd = workspace({ 'a.yaml': tableConfig(split), 't.csv': TABLE });
    const { code, stderr } = await lossnet(['validate', 'a.yaml'], { cwd });
    expect(stderr).toContain(problem);
    expect(stderr).toContain('dataset.split');
    expect(code).toBe(2);
  });
});
