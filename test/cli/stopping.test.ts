import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { lossnet, TINY, workspace } from '../helpers/cli.js';

// A learning rate at which nothing is learnt: the second evaluation is no better than the first.
const EARLY = TINY.replace('epochs: 3', 'epochs: 40').replace('lr: 0.003', 'lr: 0.3');
const STOPPING = 'early_stopping: { patience: 2, min_delta: 0.5, restore_best: true }\n';
const cwd = workspace({ 'tiny.yaml': `${EARLY}${STOPPING}` });
const file = (name: string, folder = cwd) => readFileSync(join(folder, 'runs/tiny', name));
const summary = (folder = cwd) =>
  JSON.parse(file('summary.json', folder).toString()) as Record<string, unknown>;
const bytes = (folder: string) =>
  [
    'metrics.jsonl',
    'checkpoints/resume.safetensors',
    'checkpoints/last.safetensors',
    'checkpoints/best.safetensors',
  ].map((name) => file(name, folder).toString('base64'));

let first: Awaited<ReturnType<typeof lossnet>>;
beforeAll(async () => {
  first = await lossnet(['train', 'tiny.yaml', '--json'], { cwd });
});

describe('early stopping', () => {
  it('ends a run that is no better any more, done, and says so', async () => {
    expect(first.code).toBe(0);
    const end = JSON.parse(first.stdout.trim().split('\n').at(-1)!) as Record<string, unknown>;
    expect(end).toMatchObject({ type: 'end', status: 'done', stopped: 'early_stopping' });
    expect(summary()).toMatchObject({ status: 'done', stopped: 'early_stopping', epochs: end.epoch });
    expect(end.epoch).toBeLessThan(40);
    const again = await lossnet(['train', 'runs/tiny', '--resume'], { cwd });
    expect([again.code, again.stdout]).toEqual([
      0,
      expect.stringContaining('ended early: eval loss was no better in 2 evaluations'),
    ]);
    expect(summary().epochs).toBe(end.epoch);
  });

  it('gives the last weights those of the best epoch, where that is asked for', () => {
    const weights = (name: string) => file(`checkpoints/${name}.safetensors`).toString('base64');
    expect(weights('last')).toBe(weights('best'));
  });

  it('comes to the same bytes after an interruption', async () => {
    const other = workspace({ 'tiny.yaml': `${EARLY}${STOPPING}` });
    let sent = false;
    const stopped = await lossnet(['train', 'tiny.yaml', '--json'], {
      cwd: other,
      onOutput: (stdout, child) => {
        if (sent || !stdout.includes('"type":"epoch"')) return;
        sent = true;
        child.kill('SIGINT');
      },
    });
    expect(stopped.code).toBe(130);
    expect((await lossnet(['train', 'runs/tiny', '--resume', '-q'], { cwd: other })).code).toBe(0);
    expect(bytes(other)).toEqual(bytes(cwd));
  });

  it('waits longer where a resumed run is told to', async () => {
    const epochs = summary().epochs as number;
    const more = await lossnet(['train', 'tiny.yaml', '--resume', '-q', 'early_stopping.patience=4'], {
      cwd,
    });
    expect(more.code).toBe(0);
    expect(summary().epochs).toBeGreaterThan(epochs);
  });

  it('needs evaluations, and a figure of the task', async () => {
    const changes = ['evaluation.every=0', 'checkpoint.monitor=train_loss'];
    const none = await lossnet(['train', 'tiny.yaml', '--name', 'x', ...changes], { cwd });
    expect([none.code, none.stderr]).toEqual([
      2,
      expect.stringContaining('early_stopping looks at evaluations, and there are none'),
    ]);
    const other = await lossnet(['train', 'tiny.yaml', '--name', 'x', 'early_stopping.monitor=eval_rmse'], {
      cwd,
    });
    expect([other.code, other.stderr]).toEqual([2, expect.stringContaining('eval_rmse is never known')]);
  });
});

describe('max_time', () => {
  it('ends a run within an epoch, saved and done, and lets it go on with more', async () => {
    const folder = workspace({ 'tiny.yaml': `${TINY}max_time: 0.000001\n` });
    const short = await lossnet(['train', 'tiny.yaml'], { cwd: folder });
    expect([short.code, short.stdout]).toEqual([
      0,
      expect.stringMatching(/^done: 0 epochs, 1 step in .*; ended by max_time, 0\.0 s/m),
    ]);
    expect(summary(folder)).toMatchObject({ status: 'done', stopped: 'max_time', steps: 1 });
    const again = await lossnet(['train', 'runs/tiny', '--resume', '-q'], { cwd: folder });
    expect([again.code, summary(folder).steps]).toEqual([0, 1]);
    const more = await lossnet(['train', 'tiny.yaml', '--resume', '-q', 'max_time=1000'], { cwd: folder });
    expect([more.code, summary(folder)]).toEqual([0, expect.objectContaining({ epochs: 3, steps: 24 })]);
    // But for the time in it, it is the run that was never ended.
    const whole = workspace({ 'tiny.yaml': `${TINY}max_time: 1000\n` });
    await lossnet(['train', 'tiny.yaml', '-q'], { cwd: whole });
    expect(file('metrics.jsonl', folder)).toEqual(file('metrics.jsonl', whole));
    expect(file('checkpoints/last.safetensors', folder)).toEqual(file('checkpoints/last.safetensors', whole));
  });
});
