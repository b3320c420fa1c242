import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { verdictOf, wordsOf } from '../campaign/judge.js';

const ROOT = new URL('..', import.meta.url).pathname;
const DOCUMENT = join(ROOT, 'docs/reliability.md');

beforeAll(() => {
  execFileSync('npx', ['tsc', '-p', 'campaign'], { cwd: ROOT, stdio: 'inherit' });
});

const campaign = (...args: string[]) =>
  spawnSync(process.execPath, ['campaign/.build/campaign/run.js', ...args], { cwd: ROOT, encoding: 'utf8' });

describe('a campaign', () => {
  it('finds nothing in its slice, and writes down what it tried', { timeout: 30 * 60_000 }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'lossnet-test-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const document = join(folder, 'reliability.md');
    copyFileSync(DOCUMENT, document);
    const { status, stdout, stderr } = campaign('--slice', '--seed', '1', '--write', document);
    expect([stderr, stdout, status]).toEqual(['', expect.stringMatching(/\nnothing failed\n$/), 0]);
    const text = readFileSync(document, 'utf8');
    expect(text).toMatch(/^\| kills +\| +\d+ +\| \d+ kills.* +\| 0 +\|$/m);
    expect(text).toMatch(/^\| configs +\| +[\d,]+ +\| [\d,]+ mutations/m);
  });

  it.each([
    [['--only', 'wishes'], '"wishes" is none of kills, '],
    [['--trial', '1'], 'name it with --only'],
    [['--minutes', '0'], '--minutes 0: not a number above 0'],
    [['--seed', 'x'], '--seed x: not a whole number'],
  ])('refuses %j', (args, words) => {
    const { status, stdout, stderr } = campaign(...args);
    expect([status, stdout, stderr]).toEqual([2, '', expect.stringContaining(words)]);
  });
});

describe('judge', () => {
  const fine = {
    command: 'lossnet',
    code: 0,
    signal: null,
    hangs: false,
    stdout: '',
    stderr: '',
    seconds: 1,
  };
  const verdict = (end: Partial<typeof fine>) => verdictOf({ ...fine, ...end }).map(({ what }) => what);

  it('finds nothing in what a program may do', () => {
    expect(verdict({})).toEqual([]);
    expect(verdict({ code: 1, stderr: 'error: the disk is full' })).toEqual([]);
    expect(verdict({ code: 3, stdout: 'diverged: the loss is NaN' })).toEqual([]);
  });

  it.each([
    [{ code: 7 }, 'exit code 7'],
    [{ code: 1 }, 'fails without a word'],
    [{ hangs: true }, 'hangs'],
    [{ code: 1, stderr: 'error: this is a defect of lossnet.\nTypeError: x' }, 'a stack trace: TypeError: x'],
    [{ code: 1, stderr: 'Error\n    at open (node:fs:5:1)' }, 'a stack trace'],
    [{ stdout: 'Process undefined' }, 'says "undefined"'],
    [{ stdout: '\u001b[2J' }, 'prints \\u001b raw'],
  ])('finds what is wrong with %j', (end, what) => {
    expect(verdict(end)).toEqual([expect.stringContaining(what)]);
  });

  it('lets a text quote what it was given', () => {
    expect(wordsOf('the value undefined', 'lr: undefined')).toEqual([]);
    expect(wordsOf('the value undefined', 'lr: 1')).toEqual(['says "undefined"']);
  });
});
