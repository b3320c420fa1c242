import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Held } from '../../src/base/holder.js';
import { type Lock, tryLock, withLock } from '../../src/base/lock.js';
import { thisProcess } from '../../src/base/process.js';
import { type FaultRule, faults, readCalls } from '../helpers/faults.js';
import { failure, temporaryFolder } from '../train/data/helpers.js';

const CONTENDER = new URL('./contender.mjs', import.meta.url).pathname;
const LOCK = 'dist/base/(lock|holder|files)\\.js';

/** A path for a lock, with what is there already. */
function lockFile(content?: object | string): string {
  const file = join(temporaryFolder(), 'lock');
  if (content !== undefined)
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

/** A process that is gone. */
function deadHolder() {
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  return { ...thisProcess(), pid, start: '1', id: `dead ${Math.random()}`, beats: true };
}

const isLock = (result: Lock | Held): result is Lock => 'release' in result;

/** As if nobody had touched it for so many seconds. */
function silent(file: string, seconds: number): void {
  const then = Date.now() / 1000 - seconds;
  utimesSync(file, then, then);
}

/** Another process that tries to take a lock. */
function contend(file: string, rule?: FaultRule, record?: string) {
  const env = faults({ rules: rule === undefined ? [] : [rule], ...(record !== undefined && { record }) });
  const child = spawn(process.execPath, [CONTENDER, file], {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = once(child, 'close');
  const answer = once(createInterface({ input: child.stdout }), 'line').then(
    ([line]) => JSON.parse(line) as { isOurs: boolean } & Held,
  );
  return {
    child,
    answer,
    async release() {
      child.stdin.end();
      await ended;
    },
  };
}

async function killed(child: ChildProcess): Promise<void> {
  const ended = once(child, 'close');
  child.kill('SIGKILL');
  await ended;
}

async function untilStopped({ pid }: ChildProcess): Promise<void> {
  while (!/\) T /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))) await sleep(5);
}

describe('a lock', () => {
  it('is held by one, says by whom, and leaves nothing behind', async () => {
    const file = lockFile();
    const lock = tryLock(file) as Lock;
    expect(lock.isHeld()).toBe(true);
    expect(readdirSync(dirname(file))).toEqual(['lock']);
    const { isOurs, holder, isSeen } = await contend(file).answer;
    expect({ isOurs, isSeen, pid: holder?.pid }).toEqual({ isOurs: false, isSeen: true, pid: process.pid });
    expect(isLock(tryLock(file))).toBe(false);
    lock.release();
    expect(readdirSync(dirname(file))).toEqual([]);
    expect(lock.isHeld()).toBe(false);
  });

  it.each([
    ['removed', (file: string) => rmSync(file)],
    ['replaced', (file: string) => writeFileSync(`${file}2`, readFileSync(file)), true],
    [
      'moved away with its folder',
      (file: string) => {
        renameSync(dirname(file), `${dirname(file)}-moved`);
        mkdirSync(dirname(file));
      },
    ],
  ])('that was %s is not held any more, and its successor is left alone', (_, change, isReplaced = false) => {
    const file = lockFile();
    const lock = tryLock(file) as Lock;
    change(file);
    if (isReplaced) writeFileSync(`${file}2`, '{}');
    if (isReplaced) renameSync(`${file}2`, file);
    expect(lock.isHeld()).toBe(false);
    if (!existsSync(file)) writeFileSync(file, '{}');
    lock.release();
    expect(readFileSync(file, 'utf8')).toBe('{}');
  });

  it('that cannot be made says why', () => {
    const file = lockFile();
    mkdirSync(file);
    expect(() => tryLock(file)).toThrow(`Cannot write ${file}: it is a folder, not a file (EISDIR).`);
    expect(() => tryLock(join(file, 'no', 'lock'))).toThrow('there is no such file or folder (ENOENT)');
    expect(readdirSync(dirname(file))).toEqual(['lock']);
  });

  it('that is a link to nothing says so', () => {
    const file = lockFile();
    execFileSync('ln', ['-s', 'nothing', file]);
    expect(() => tryLock(file)).toThrow(/something of that name is in the way|folder/);
  });
});

describe('the lock of a process', () => {
  const other = { ...thisProcess(), id: 'other', beats: true };
  const elsewhere = { ...other, boot: 'another', host: 'elsewhere' };

  it.each<[string, object | string, number, boolean]>([
    ['that is gone', { ...other, pid: 4194304 }, 0, true],
    ['whose number another one has by now', { ...other, pid: process.ppid, start: '1' }, 0, true],
    ['that has the number that is ours now', { ...other, start: '1' }, 0, true],
    ['that is alive', { ...other, pid: process.ppid, start: startOf(process.ppid) }, 999, false],
    ['elsewhere that gave a sign of life', elsewhere, 30, false],
    ['elsewhere that gave none for a minute', elsewhere, 90, true],
    ['in another container of this machine, silent', { ...other, namespace: 'pid:[1]' }, 90, true],
    ['from before a restart of the machine', { ...other, boot: 'before' }, 90, true],
    ['in a container of another name that is alive', { ...other, namespace: 'x', host: 'y' }, 1, false],
    ['of an older version, gone', { pid: 4194304, host: hostname(), id: 'old' }, 0, true],
    ['of an older version, alive', { pid: process.ppid, host: hostname(), id: 'old' }, 999, false],
    ['of an older version, elsewhere', { pid: 1, host: 'elsewhere', id: 'old' }, 999, false],
    ['that it does not name, just written', '{}', 0, false],
    ['that it does not name, for a minute', '{}', 90, true],
    ['cut off by a power cut, a minute ago', '', 90, true],
    ['that cannot be', { pid: -1, host: hostname() }, 90, true],
  ])('%s', (_, content, seconds, isTaken) => {
    const file = lockFile(content);
    silent(file, seconds);
    const before = readFileSync(file, 'utf8');
    const result = tryLock(file);
    expect(isLock(result)).toBe(isTaken);
    if (isLock(result)) {
      expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ pid: process.pid });
      result.release();
      expect(readdirSync(dirname(file))).toEqual([]);
    } else {
      expect(JSON.stringify(result)).not.toContain('undefined');
      expect([readdirSync(dirname(file)), readFileSync(file, 'utf8')]).toEqual([['lock'], before]);
    }
  });

  it('that has ended, and whose parent does not care, is taken over', async () => {
    const parent = spawn('sh', ['-c', `${process.execPath} -e '' & echo $!; exec sleep 60`]);
    onTestFinished(() => void parent.kill());
    const pid = Number(await once(parent.stdout, 'data'));
    while (!/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))) await sleep(10);
    const result = tryLock(lockFile({ ...thisProcess(), pid, start: startOf(pid), id: 'z', beats: true }));
    expect(isLock(result)).toBe(true);
  });

  it('is touched while it is held', () => {
    vi.useFakeTimers();
    const file = lockFile();
    const lock = tryLock(file) as Lock;
    const text = readFileSync(file, 'utf8');
    silent(file, 3600);
    vi.advanceTimersByTime(5_000);
    expect(Date.now() / 1000 - statSync(file).mtimeMs / 1000).toBeLessThan(60);
    expect(readFileSync(file, 'utf8')).toBe(text);
    lock.release();
    vi.advanceTimersByTime(60_000);
    expect(existsSync(file)).toBe(false);
  });

  afterEach(() => void vi.useRealTimers());
});

function startOf(pid: number): string | undefined {
  return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[19];
}

describe('a dead lock', () => {
  /** The calls of the file system that taking it over makes, in order, and giving it back if it `isReleased`. */
  async function calls(isReleased = false) {
    const file = lockFile(deadHolder());
    const record = `${file}.calls`;
    const one = contend(file, undefined, record);
    await one.answer;
    if (isReleased) await one.release();
    else await killed(one.child);
    const made = readCalls(record).filter(({ at }) => at !== undefined && new RegExp(LOCK).test(at));
    expect(made.length).toBeGreaterThan(20);
    return made.map(({ call, at }, i) => ({ nth: i + 1, call, at }));
  }

  it('is taken over by one only, wherever another stalls that found it dead too', async () => {
    for (const { nth, call, at } of await calls()) {
      const file = lockFile(deadHolder());
      const stalled = contend(file, { at: LOCK, nth, signal: 'SIGSTOP' });
      await untilStopped(stalled.child);
      const quick = tryLock(file);
      stalled.child.kill('SIGCONT');
      const both = [isLock(quick), (await stalled.answer).isOurs];
      expect(both.filter(Boolean), `stalled before ${call} at ${at}`).toHaveLength(1);
      if (isLock(quick)) quick.release();
      await stalled.release();
      expect(isLock(tryLock(file)), 'it is free again').toBe(true);
    }
  });

  it('is not given to one that stalled while others took it, gave it back and took it again', async () => {
    for (const { nth, call, at } of await calls()) {
      const file = lockFile(deadHolder());
      const stalled = contend(file, { at: LOCK, nth, signal: 'SIGSTOP' });
      await untilStopped(stalled.child);
      const first = tryLock(file);
      if (isLock(first)) first.release();
      const second = tryLock(file);
      // Had it been free once, it is free twice.
      expect(isLock(second)).toBe(isLock(first));
      stalled.child.kill('SIGCONT');
      const both = [isLock(second), (await stalled.answer).isOurs];
      expect(both.filter(Boolean), `stalled before ${call} at ${at}`).toHaveLength(1);
      if (isLock(second)) second.release();
      await stalled.release();
    }
  });

  it('is taken over from one that was killed wherever it took it over', async () => {
    for (const { nth, call, at } of await calls(true)) {
      const file = lockFile(deadHolder());
      const { child, answer, release } = contend(file, { at: LOCK, nth, signal: 'SIGKILL' });
      answer.catch(() => {});
      // At once: else it would hold the lock until it is told, and meet the call only when it next touches it.
      await release();
      expect(child.signalCode).toBe('SIGKILL');
      const lock = tryLock(file);
      expect(isLock(lock), `killed before ${call} at ${at}`).toBe(true);
      (lock as Lock).release();
      expect(readdirSync(dirname(file))).toEqual([]);
    }
  });

  it('is taken over on a file system without hard links', async () => {
    const file = lockFile(deadHolder());
    const first = contend(file, { call: 'link', errno: 'EPERM' });
    expect((await first.answer).isOurs).toBe(true);
    const second = contend(file, { call: 'link', errno: 'EOPNOTSUPP' });
    expect((await second.answer).isOurs).toBe(false);
    await first.release();
    expect(readdirSync(dirname(file))).toEqual([]);
  });
});

describe('withLock', () => {
  it('lets one at a time work, and leaves no file behind', async () => {
    const file = lockFile(deadHolder());
    let working = 0;
    const work = async () => {
      working += 1;
      expect(working).toBe(1);
      await sleep(30);
      working -= 1;
      return 'done';
    };
    expect(await Promise.all([1, 2, 3].map(() => withLock(file, work)))).toEqual(['done', 'done', 'done']);
    expect(readdirSync(dirname(file))).toEqual([]);
  });

  it('gives the lock back when the work fails', async () => {
    const file = lockFile();
    const error = await failure(withLock(file, () => Promise.reject(new Error('no luck'))));
    expect(error.message).toBe('no luck');
    expect(existsSync(file)).toBe(false);
  });

  it('waits while the holder may be alive, here or elsewhere, until it is told to stop', async () => {
    for (const host of [hostname(), 'elsewhere']) {
      const file = lockFile({ pid: process.ppid, host, id: 'theirs' });
      let looks = 0;
      const controller = new AbortController();
      const waiting = withLock(file, () => Promise.reject(new Error('it was not free')), {
        onWait: () => {
          looks += 1;
          if (looks === 3) controller.abort(new Error('waited enough'));
        },
        signal: controller.signal,
      });
      await failure(waiting);
      expect(looks).toBe(3);
      expect(JSON.parse(readFileSync(file, 'utf8')).id).toBe('theirs');
    }
  });
});
