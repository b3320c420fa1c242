import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { createScratch, sweepScratches } from '../../src/base/scratch.js';
import { temporaryFolder } from '../train/data/helpers.js';

const HOUR = 60 * 60 * 1e6;

test('the folder of a living process is never swept', () => {
  const target = join(temporaryFolder(), 'library');
  const folders = [createScratch(target), createScratch(target)];
  sweepScratches(target);
  expect(folders.every((folder) => existsSync(folder))).toBe(true);
});

test('the folder of a dead process is swept, also when its number is used again', () => {
  const target = join(temporaryFolder(), 'library');
  const mine = createScratch(target);
  const dead = execFileSync(process.execPath, ['-p', 'process.pid'], { encoding: 'utf8' }).trim();
  mkdirSync(renamed(mine, (parts) => parts.with(1, dead)));
  mkdirSync(renamed(mine, (parts) => parts.with(2, '1')));
  sweepScratches(target);
  expect(readdirSync(join(target, '..'))).toEqual([basename(mine)]);
});

test('the folder of another machine is swept after a day', () => {
  const target = join(temporaryFolder(), 'library');
  const mine = createScratch(target);
  const recent = renamed(mine, (parts) => parts.with(0, String(Date.now() * 1000 - HOUR)).with(3, 'abc'));
  const old = renamed(mine, (parts) => parts.with(0, String(Date.now() * 1000 - 25 * HOUR)).with(3, 'abc'));
  mkdirSync(recent);
  mkdirSync(old);
  sweepScratches(target);
  expect(existsSync(recent)).toBe(true);
  expect(existsSync(old)).toBe(false);
});

test('what is not of this target is left alone', () => {
  const target = join(temporaryFolder(), 'library');
  for (const name of ['library.tmp-mine', 'library', 'other.tmp-1-1-1-a-x'])
    mkdirSync(join(target, '..', name));
  sweepScratches(target);
  expect(readdirSync(join(target, '..'))).toHaveLength(3);
});

/** A name like that of `scratch`, with another owner: when made, process, its start, machine. */
function renamed(scratch: string, change: (parts: string[]) => string[]): string {
  const [start = '', owner = ''] = scratch.split('.tmp-');
  return `${start}.tmp-${change(owner.split('-')).join('-')}`;
}
