import { fork, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WorkerProcess } from '../../src/base/worker-process.js';

type Request = { readonly type: 'double'; readonly value: number } | { readonly type: 'end' | 'noise' };
type Response =
  | { readonly type: 'ready' }
  | { readonly type: 'heard' }
  | { readonly type: 'doubled'; readonly value: number };

let folder: string;
const programs = {
  // By lines: says what it is asked to, and what it should not say.
  lines: `
    const say = (text) => process.stdout.write(text + '\\n');
    say('{"type":"ready"}');
    require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
      const { type, value } = JSON.parse(line);
      if (type === 'double') { say('{"type":"heard"}'); say(JSON.stringify({ type: 'doubled', value: 2 * value })); }
      if (type === 'noise') say('Downloading 12 %');
      if (type === 'end') { console.error('first'); console.error('out of cake'); process.exit(7); }
    });`,
  ipc: `process.on('message', ({ value }) => process.send({ type: 'doubled', value: 2 * value }));`,
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lossnet-worker-'));
  for (const [name, text] of Object.entries(programs)) writeFileSync(join(folder, `${name}.cjs`), text);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const speaking = () =>
  new WorkerProcess<Request, Response>(
    spawn(process.execPath, [join(folder, 'lines.cjs')], { stdio: 'pipe' }),
    'lines',
  );

describe('a process that is spoken to by lines', () => {
  it('answers one request after another, and tells of what comes before the last answer', async () => {
    const worker = speaking();
    expect(await worker.ask(null, 'ready')).toEqual({ type: 'ready' });
    const heard: string[] = [];
    const asked = worker.ask({ type: 'double', value: 4 }, 'doubled', {
      answer: ({ type }) => heard.push(type),
    });
    expect([worker.isBusy, worker.isFree]).toEqual([true, false]);
    expect(await asked).toEqual({ type: 'doubled', value: 8 });
    expect(heard).toEqual(['heard', 'doubled']);
    expect(worker.isFree).toBe(true);
    worker.close();
    expect(worker.isFree).toBe(false);
  });

  it('says how it ended, when it ends instead of answering, and to whoever asks later', async () => {
    const worker = speaking();
    await worker.ask(null, 'ready');
    const gone = { type: 'gone', code: 7, signal: null, error: null, lines: ['first', 'out of cake'] };
    expect(await worker.ask({ type: 'end' }, 'doubled')).toEqual(gone);
    expect(await worker.ask({ type: 'double', value: 1 }, 'doubled')).toEqual(gone);
    expect(worker.isFree).toBe(false);
  });

  it('fails at what is no message, and at an answer that was not to come', async () => {
    const worker = speaking();
    await worker.ask(null, 'ready');
    await expect(worker.ask({ type: 'noise' }, 'doubled')).rejects.toThrow(
      'said what is no message: Downloading 12 %',
    );
    await expect(worker.ask({ type: 'double', value: 1 }, 'doubled')).rejects.toThrow(
      'answered heard, where doubled was to come',
    );
    await worker.kill();
    expect(await worker.ask(null, 'ready')).toMatchObject({ type: 'gone', signal: 'SIGKILL' });
  });

  it('says why it could not be started', async () => {
    const child = spawn(join(folder, 'nothing-here'), { stdio: 'pipe' });
    const worker = new WorkerProcess<Request, Response>(child, 'lines');
    const end = await worker.ask(null, 'ready');
    expect(end).toMatchObject({ type: 'gone', code: null, error: { code: 'ENOENT' } });
    await worker.kill();
  });
});

it('one that was forked is told numbers that JSON does not have', async () => {
  const child = fork(join(folder, 'ipc.cjs'), {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    serialization: 'advanced',
  });
  const worker = new WorkerProcess<Request, Response>(child, 'ipc');
  const double = async (value: number) => await worker.ask({ type: 'double', value }, 'doubled');
  expect(await double(Number.NEGATIVE_INFINITY)).toEqual({
    type: 'doubled',
    value: Number.NEGATIVE_INFINITY,
  });
  expect(await double(Number.NaN)).toEqual({ type: 'doubled', value: Number.NaN });
  worker.close();
});
