import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RandomStream } from '../../src/train/random.js';
import { lossnet, workspace } from '../helpers/cli.js';

/** Two classes, one of them rare. */
function table(): string {
  const random = new RandomStream(0, 'shapes', 'table');
  const rows = Array.from({ length: 120 }, (_, i) => {
    const rare = i % 8 === 0;
    const [x, y] = [random.normal() + (rare ? 1 : 0), random.normal()];
    return `${x.toFixed(4)},${y.toFixed(4)},${rare ? 'rare' : 'usual'}`;
  });
  return `x,y,kind\n${rows.join('\n')}\n`;
}

const CONFIG = `epochs: 3
dataset: { type: csv, path: t.csv, target: kind, split: { val: 0.3, by: random, stratify: true } }
loader: { batch_size: 8, sampler: balanced }
model: [{ type: linear, out_features: 2 }]
loss: { type: cross_entropy, weight: balanced }
optimizer: { type: adam, lr: 0.05 }
checkpoint: { monitor: eval_auroc, every_steps: 2 }
schedule: { type: reduce_on_plateau, monitor: eval_log_loss }
expect: [eval_auroc>=0, best_eval_ece<=1]
tensorboard: true
log_every: 1
`;
const KEPT = ['metrics.jsonl', 'checkpoints/resume.safetensors', 'checkpoints/best.safetensors'];
const contents = (cwd: string) =>
  KEPT.map((file) => readFileSync(join(cwd, 'runs/uneven', file)).toString('base64'));

describe('classes that are balanced', () => {
  it('train, resume to the same bytes, and are compared and reported by their figures', async () => {
    const cwd = workspace({ 'uneven.yaml': CONFIG, 't.csv': table() });
    const done = await lossnet(['train', 'uneven.yaml'], { cwd });
    expect(done.code, done.stderr).toBe(0);
    // The monitored figure has a place in every line, the others one at the end.
    expect(done.stdout).toMatch(/^epoch 1\/3 .* eval loss \S+ acc \S+ % auroc 0\.\d{4} {2}lr/m);
    expect(done.stdout).toMatch(
      /^final eval balanced accuracy \S+ %; macro f1 \S+; auroc \S+; log loss \S+; ece \S+$/m,
    );
    expect(done.stdout).toMatch(/best epoch \d: eval auroc/);
    const lines = readFileSync(join(cwd, 'runs/uneven/metrics.jsonl'), 'utf8').trim().split('\n');
    const records = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    const [start] = records;
    const [rare, usual] = start!.class_weights as [number, number];
    expect(rare / usual).toBeGreaterThan(5);
    const epoch = records.findLast(({ type }) => type === 'epoch')!;
    const figures = ['balanced_accuracy', 'macro_f1', 'auroc', 'log_loss', 'ece'].map(
      (name) => `eval_${name}`,
    );
    expect(Object.keys(epoch)).toEqual(expect.arrayContaining(figures));
    expect(Object.keys(epoch)).not.toContain('train_auroc');
    const summary = JSON.parse(readFileSync(join(cwd, 'runs/uneven/summary.json'), 'utf8'));
    expect(Object.keys(summary.final)).toEqual(expect.arrayContaining(figures));

    const other = workspace({ 'uneven.yaml': CONFIG, 't.csv': table() });
    let sent = false;
    await lossnet(['train', 'uneven.yaml', '--json'], {
      cwd: other,
      onOutput: (stdout, child) => {
        if (sent || stdout.split('"type":"step"').length < 15) return;
        sent = true;
        child.kill('SIGKILL');
      },
    });
    const resumed = await lossnet(['train', 'uneven.yaml', '--resume', '-q'], { cwd: other });
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(contents(other)).toEqual(contents(cwd));

    const again = await lossnet(['train', 'uneven.yaml', 'loader.sampler=null', '--name', 'plain', '-q'], {
      cwd,
    });
    expect(again.code).toBe(0);
    const compared = await lossnet(
      ['compare', 'runs/uneven', 'runs/plain', '--by', 'eval_auroc', '--expect', 'uneven.eval_ece<=1', '-q'],
      { cwd },
    );
    expect(compared.code, compared.stdout + compared.stderr).toBe(0);
    expect(compared.stdout).toContain('eval auroc');

    const refused = await lossnet(['train', 'uneven.yaml', '--name', 'x', '--expect', 'train_auroc>0.5'], {
      cwd,
    });
    expect([refused.code, refused.stderr]).toEqual([
      2,
      expect.stringContaining('auroc is of evaluation alone'),
    ]);

    const reported = await lossnet(['report', 'runs/uneven', '--force'], { cwd });
    expect(reported.code, reported.stderr).toBe(0);
    const html = readFileSync(join(cwd, 'runs/uneven/report.html'), 'utf8');
    expect(html).not.toContain('No confusion matrix');
    expect(html).toContain('Each class, by uneven, checkpoint best');
    expect(html).toContain('<th scope="col">auroc</th>');
    expect(html).toContain('Calibration of uneven');
  }, 120_000);
});

describe('a figure that is not defined', () => {
  it('is none in the records, is said, and passes no gate', async () => {
    const only = `x,y,kind\n${Array.from({ length: 20 }, (_, i) => `${i / 10},0,usual`).join('\n')}\n`;
    const config = CONFIG.replace(/split: .*\n/, 'eval_path: e.csv }\n')
      .replace('eval_auroc>=0,', 'best_eval_auroc>=0,')
      .replace('tensorboard: true\n', '');
    const cwd = workspace({ 'one.yaml': config, 't.csv': table(), 'e.csv': only });
    const done = await lossnet(['train', 'one.yaml'], { cwd });
    expect([done.code, done.stdout], done.stderr).toEqual([
      4,
      expect.stringContaining('no best epoch: eval auroc was never defined'),
    ]);
    expect(done.stdout).toMatch(/^final eval .*; auroc not defined; log loss /m);
    const lines = readFileSync(join(cwd, 'runs/one/metrics.jsonl'), 'utf8').trim().split('\n');
    const epoch = JSON.parse(lines.findLast((line) => line.startsWith('{"type":"epoch"'))!);
    expect([epoch.eval_auroc, epoch.non_finite, epoch.best]).toEqual([null, ['eval_auroc'], false]);
    // A last epoch is put back as the same bytes, and the run is read.
    const again = await lossnet(['train', 'one.yaml', '--resume', '-q'], { cwd });
    expect(again.code, again.stderr).toBe(4);
    const reported = await lossnet(['report', 'runs/one'], { cwd });
    expect(reported.code, reported.stderr).toBe(0);
    expect(readFileSync(join(cwd, 'runs/one/report.html'), 'utf8')).toContain('<td>not defined</td>');
  }, 120_000);
});

describe('several real values', () => {
  it('are reported each by itself', async () => {
    const config = `epochs: 1
dataset: { type: csv, path: t.csv, target: [x, y] }
model: [{ type: linear, out_features: 2 }]
loss: { type: mse }
optimizer: { type: sgd }
`;
    const cwd = workspace({ 'two.yaml': config, 't.csv': table() });
    const done = await lossnet(['train', 'two.yaml', '-q'], { cwd });
    expect(done.code, done.stderr).toBe(0);
    expect(done.stdout).not.toContain('final eval balanced');
    const reported = await lossnet(['report', 'runs/two'], { cwd });
    expect(reported.code, reported.stderr).toBe(0);
    const html = readFileSync(join(cwd, 'runs/two/report.html'), 'utf8');
    expect(html).toContain('Each value by itself, in its own units');
    expect(html).toMatch(/<th scope="row">x<\/th><td>[\d.]+<\/td><td>[\d.]+<\/td>/);
  }, 60_000);
});
