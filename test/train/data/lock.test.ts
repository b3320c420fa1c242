import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { withLock } from '../../../src/train/data/lock.js';
import { failure, temporaryFolder } from './helpers.js';

describe('withLock', () => {
  it('lets one at a time work, and leaves no file behind', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'lock');
    let working = 0;
    const work = async () => {
      working += 1;
      expect(working).toBe(1);
      await sleep(30);
      working -= 1;
    };
    await Promise.all([1, 2, 3].map(() => withLock(file, work)));
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is given back when the work fails', async () => {
    const file = join(temporaryFolder(), 'lock');
    const error = await failure(withLock(file, () => Promise.reject(new Error('no luck'))));
    expect(error.message).toBe('no luck');
    expect(existsSync(file)).toBe(false);
  });

  it('is taken over from a process that was killed, by one only', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'lock');
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    writeFileSync(file, JSON.stringify({ pid, host: hostname(), id: 'dead' }));
    let working = 0;
    const work = async () => {
      working += 1;
      expect(working).toBe(1);
      await sleep(30);
      working -= 1;
      return 'done';
    };
    expect(await Promise.all([withLock(file, work), withLock(file, work)])).toEqual(['done', 'done']);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is respected while its holder may be alive: here, or on another machine', async () => {
    for (const host of [hostname(), 'elsewhere']) {
      const file = join(temporaryFolder(), 'lock');
      const theirs = JSON.stringify({ pid: process.ppid, host, id: 'theirs' });
      writeFileSync(file, theirs);
      let looks = 0;
      const controller = new AbortController();
      const waiting = withLock(file, () => Promise.reject(new Error('it was not free')), {
        onWait: async () => {
          looks += 1;
          if (looks === 3) controller.abort(new Error('waited enough'));
        },
        signal: controller.signal,
      });
      await failure(waiting);
      expect(looks).toBe(3);
      expect(readFileSync(file, 'utf8')).toBe(theirs);
    }
  });
});
