import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { cacheFolder, wheelLibraryFolder } from '../../../../src/train/engine/native/locations.js';
import { createScratch, sweepScratches } from '../../../../src/train/engine/native/scratch.js';
import { temporaryFolder } from './child.js';

const HOUR = 60 * 60 * 1e6;

test('the folder of a living process is never swept', () => {
  const target = join(temporaryFolder(), 'library');
  const first = createScratch(target);
  const second = createScratch(target);
  expect(sweepScratches(target).map(({ folder }) => folder)).toEqual(expect.arrayContaining([first, second]));
  expect(existsSync(first) && existsSync(second)).toBe(true);
});

test('the folder of a dead process is swept, also when its number is used again', () => {
  const target = join(temporaryFolder(), 'library');
  const mine = createScratch(target);
  const dead = execFileSync(process.execPath, ['-p', 'process.pid'], { encoding: 'utf8' }).trim();
  mkdirSync(renamed(mine, (parts) => parts.with(1, dead)));
  mkdirSync(renamed(mine, (parts) => parts.with(2, '1')));
  expect(sweepScratches(target)).toEqual([{ folder: mine, pid: process.pid }]);
  expect(readdirSync(join(target, '..'))).toEqual([basename(mine)]);
});

test('the folder of another machine is swept after a day, and never waited for', () => {
  const target = join(temporaryFolder(), 'library');
  const mine = createScratch(target);
  const recent = renamed(mine, (parts) => parts.with(0, String(Date.now() * 1000 - HOUR)).with(3, 'abc'));
  const old = renamed(mine, (parts) => parts.with(0, String(Date.now() * 1000 - 25 * HOUR)).with(3, 'abc'));
  mkdirSync(recent);
  mkdirSync(old);
  expect(sweepScratches(target)).toEqual([{ folder: mine, pid: process.pid }]);
  expect(existsSync(recent)).toBe(true);
  expect(existsSync(old)).toBe(false);
});

test('what is not of this target is left alone', () => {
  const target = join(temporaryFolder(), 'library');
  for (const name of ['library.tmp-mine', 'library', 'other.tmp-1-1-1-a-x'])
    mkdirSync(join(target, '..', name));
  expect(sweepScratches(target)).toEqual([]);
  expect(readdirSync(join(target, '..'))).toHaveLength(3);
});

test.each([
  [{ LOSSNET_CACHE: '/a/b', XDG_CACHE_HOME: '/x' }, '/a/b'],
  [{ LOSSNET_CACHE: '', XDG_CACHE_HOME: '/x' }, '/x/lossnet'],
  [{ LOSSNET_CACHE: '', XDG_CACHE_HOME: '', HOME: '/home/me' }, '/home/me/.cache/lossnet'],
])('the cache folder with %o', (env, folder) => {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  expect(cacheFolder()).toBe(folder);
  expect(wheelLibraryFolder()).toBe(`${folder}/tfjs-node-4.22.0-tf2.21.0-linux-x64`);
  vi.unstubAllEnvs();
});

/** A name like that of `scratch`, with another owner: when made, process, its start, machine. */
function renamed(scratch: string, change: (parts: string[]) => string[]): string {
  const [start = '', owner = ''] = scratch.split('.tmp-');
  return `${start}.tmp-${change(owner.split('-')).join('-')}`;
}
