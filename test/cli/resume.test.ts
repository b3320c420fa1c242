import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { lossnet, workspace } from '../helpers/cli.js';

/** The bytes that must not depend on how often a run was stopped. */
const KEPT = [
  'metrics.jsonl',
  'checkpoints/resume.safetensors',
  'checkpoints/last.safetensors',
  'checkpoints/best.safetensors',
];
const contents = (cwd: string, run = 'tiny') =>
  KEPT.map((file) => [file, readFileSync(join(cwd, 'runs', run, file)).toString('base64')]);

const diagnosis = (cwd: string) =>
  JSON.parse(readFileSync(join(cwd, 'runs/tiny/summary.json'), 'utf8')).diagnosis;

const reference = workspace();
beforeAll(async () => {
  expect((await lossnet(['train', 'tiny.yaml', '-q'], { cwd: reference })).code).toBe(0);
});

const steps = (stdout: string) =>
  stdout.split('\n').filter((line) => line.startsWith('{"type":"step"')).length;

/** Trains and sends a signal once so many steps have been reported. */
async function stopAfter(cwd: string, count: number, signal: NodeJS.Signals, args: string[] = []) {
  let sent = false;
  return lossnet(['train', 'tiny.yaml', '--json', ...args], {
    cwd,
    onOutput: (stdout, child) => {
      if (sent || steps(stdout) < count) return;
      sent = true;
      child.kill(signal);
    },
  });
}

describe('--resume', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)(
    'after %s: saved, exit code %i, and the same bytes as an uninterrupted run',
    async (signal, exit) => {
      const cwd = workspace();
      const stopped = await stopAfter(cwd, 3 + Math.floor(Math.random() * 10), signal);
      expect([stopped.code, stopped.signal]).toEqual([exit, null]);
      expect(JSON.parse(readFileSync(join(cwd, 'runs/tiny/summary.json'), 'utf8')).status).toBe(
        'interrupted',
      );
      const resumed = await lossnet(['train', 'tiny.yaml', '--resume', '-q'], { cwd });
      expect([resumed.code, resumed.stderr]).toEqual([0, '']);
      expect(contents(cwd)).toEqual(contents(reference));
      expect(diagnosis(cwd)).toEqual(diagnosis(reference));
      expect(diagnosis(reference).kind).toMatch(/^[a-z_]+$/);
    },
  );

  it('after SIGKILL at random steps, several times over: the same bytes', async () => {
    const cwd = workspace();
    const every = 'checkpoint.every_steps=3';
    expect((await stopAfter(cwd, 1 + Math.floor(Math.random() * 6), 'SIGKILL', [every])).signal).toBe(
      'SIGKILL',
    );
    for (let kills = 0; kills < 3; kills++) {
      await stopAfter(cwd, 1 + Math.floor(Math.random() * 7), 'SIGKILL', [every, '--resume']);
    }
    const finished = await lossnet(['train', 'tiny.yaml', '--resume', '-q'], { cwd });
    // All of them may have come before the first checkpoint.
    const said = /^(Nothing was saved yet in runs\/tiny: starting at the first step\.\n)?$/;
    expect([finished.code, finished.stderr]).toEqual([0, expect.stringMatching(said)]);
    expect(contents(cwd)).toEqual(contents(reference));
  });

  it('goes on with a run folder in place of the configuration, and with more epochs', async () => {
    const cwd = workspace();
    await lossnet(['train', 'tiny.yaml', '-q', 'schedule.type=constant', 'epochs=2'], { cwd });
    const resumed = await lossnet(['train', 'runs/tiny', '--resume', 'epochs=3'], { cwd });
    expect([resumed.code, resumed.stderr]).toEqual([
      0,
      expect.stringContaining('resumed after step 16, in epoch 3'),
    ]);
    expect(resumed.stdout).toMatch(/^epoch 3\/3 /);
    await lossnet(['train', 'tiny.yaml', '-q', 'schedule.type=constant', '-n', 'whole'], { cwd });
    expect(contents(cwd).slice(1)).toEqual(contents(cwd, 'whole').slice(1));
  });

  it('has nothing to do for a run that is done', async () => {
    const { code, stdout } = await lossnet(['train', 'tiny.yaml', '--resume'], { cwd: reference });
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^done: 3 epochs, 24 steps/)]);
  });

  it('leaves the summary of a run that is done as it was', async () => {
    const summary = () => readFileSync(join(reference, 'runs/tiny/summary.json'), 'utf8');
    const before = summary();
    expect(JSON.parse(before).final).toMatchObject({ epoch: 3 });
    await lossnet(['train', 'tiny.yaml', '--resume'], { cwd: reference });
    expect(summary()).toBe(before);
  });

  it('refuses more epochs where the schedule spans the whole run', async () => {
    const { code, stderr } = await lossnet(['train', 'tiny.yaml', '--resume', 'epochs=5'], {
      cwd: reference,
    });
    expect([code, stderr]).toEqual([2, expect.stringContaining('epochs: 3 in the run, 5 now')]);
  });

  it('does not need the first weights again', async () => {
    const cwd = workspace();
    const weights = join(cwd, 'first.safetensors');
    copyFileSync(join(reference, 'runs/tiny/checkpoints/last.safetensors'), weights);
    const args = ['train', 'tiny.yaml', `init.from=${weights}`];
    await lossnet([...args, '-q', 'epochs=1', 'schedule.type=constant'], { cwd });
    rmSync(weights);
    const resumed = await lossnet([...args, '-q', 'epochs=2', 'schedule.type=constant', '--resume'], { cwd });
    expect([resumed.code, resumed.stderr]).toEqual([0, '']);
  });

  it('refuses another configuration, listing what differs', async () => {
    const args = ['train', 'tiny.yaml', '--resume', 'optimizer.lr=0.1', 'loader.batch_size=4'];
    const { code, stderr } = await lossnet(args, { cwd: reference });
    expect(code).toBe(2);
    expect(stderr).toMatchInlineSnapshot(`
      "error: runs/tiny was begun with another configuration:
        loader.batch_size: 8 in the run, 4 now
        optimizer.lr: 0.003 in the run, 0.1 now
        Resume it as it is with: lossnet train runs/tiny --resume
        Or start a new run with --name.
      "
    `);
  });

  it('ends a run that was stopped within its last evaluation', async () => {
    const cwd = workspace();
    const slow = ['epochs=1', 'evaluation.batch_size=1', 'dataset.eval_size=1000'];
    expect((await stopAfter(cwd, 8, 'SIGINT', slow)).code).toBe(130);
    const status = () => JSON.parse(readFileSync(join(cwd, 'runs/tiny/summary.json'), 'utf8')).status;
    expect(status()).toBe('interrupted');
    expect((await lossnet(['train', 'runs/tiny', '--resume', '-q'], { cwd })).code).toBe(0);
    expect(status()).toBe('done');
  });

  it.each(['{"status":"interrupted"}', '{"status":"do', null])(
    'ends a run that was killed before it could say that it was done: its summary is %s',
    async (left) => {
      const cwd = workspace();
      expect((await lossnet(['train', 'tiny.yaml', '-q'], { cwd })).code).toBe(0);
      const file = join(cwd, 'runs/tiny/summary.json');
      if (left === null) rmSync(file);
      else writeFileSync(file, left);
      expect((await lossnet(['train', 'runs/tiny', '--resume', '-q'], { cwd })).code).toBe(0);
      expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ status: 'done', epochs: 3, steps: 24 });
    },
  );

  it('says when there is no run to resume', async () => {
    const { code, stderr } = await lossnet(['train', 'tiny.yaml', '--resume', '-n', 'nope'], {
      cwd: reference,
    });
    expect(code).toBe(2);
    expect(stderr).toMatchInlineSnapshot(`
      "error: There is no run to resume in runs/nope.
        Leave out --resume to start it; runs in runs: tiny.
      "
    `);
  });
});
