import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  makeFolder,
  makeOneFolder,
  replaceFolder,
  sweepTemporaryFiles,
  writeFileAtomically,
} from '../../src/base/files.js';
import { kindOf, readTextIfThere } from '../../src/base/read.js';
import { temporaryFolder } from '../train/data/helpers.js';

/** A file system of 1 MB; null where the system does not let this user make one. */
function tinyDisk(): string | null {
  const disk = join(temporaryFolder(), 'disk');
  mkdirSync(disk);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk], { stdio: 'ignore' });
  } catch {
    return null;
  }
  onTestFinished(() => void execFileSync('umount', [disk]));
  return disk;
}

describe('makeFolder', () => {
  it('makes a folder with those above it, and says which', () => {
    const root = temporaryFolder();
    expect(makeFolder(join(root, 'a', 'b'))).toEqual([join(root, 'a'), join(root, 'a', 'b')]);
    expect(makeFolder(join(root, 'a', 'b'))).toEqual([]);
    symlinkSync('a', join(root, 'link'));
    expect(makeFolder(join(root, 'link', 'c'))).toEqual([join(root, 'link', 'c')]);
    expect(makeFolder(join(root, 'link'))).toEqual([]);
  });

  it.skipIf(!existsSync('/proc/self'))('ends where nothing can be made below a folder that is there', () => {
    expect(() => makeFolder('/proc/x')).toThrow('Cannot write /proc/x: no folder can be made in /proc.');
    expect(() => makeFolder('/proc/x/y/z')).toThrow('Cannot write /proc/x: no folder can be made in /proc.');
  });

  it('says what is in the way, and takes back what it made', () => {
    const root = temporaryFolder();
    writeFileSync(join(root, 'file'), '');
    symlinkSync('nothing', join(root, 'link'));
    symlinkSync('circle', join(root, 'circle'));
    const failure = (path: string) => {
      try {
        return makeFolder(join(root, path));
      } catch (error) {
        return (error as Error).message.replace(root, '');
      }
    };
    expect(['file', 'file/x', 'link', 'link/x', 'circle/x', `a/b/${'x'.repeat(300)}`].map(failure)).toEqual([
      'Cannot write /file: something of that name is in the way (EEXIST).',
      'Cannot write /file/x: a part of the path is a file, not a folder (ENOTDIR).',
      'Cannot write /link: it is a symbolic link to what does not exist.',
      expect.stringMatching(/\/link: it is a symbolic link to what does not exist\.$/),
      'Cannot write /circle/x: its symbolic links form a circle (ELOOP).',
      expect.stringContaining('its name is too long (ENAMETOOLONG)'),
    ]);
    expect(readdirSync(root).sort()).toEqual(['circle', 'file', 'link']);
  });
});

it('makeOneFolder makes none above it', () => {
  const root = temporaryFolder();
  expect([makeOneFolder(join(root, 'a')), makeOneFolder(join(root, 'a'))]).toEqual([true, false]);
  expect(() => makeOneFolder(join(root, 'b', 'c'))).toThrow('there is no such file or folder (ENOENT)');
  expect(readdirSync(root)).toEqual(['a']);
});

describe('writeFileAtomically', () => {
  it('writes and replaces, and leaves nothing else', () => {
    const root = temporaryFolder();
    const file = join(root, 'x');
    writeFileAtomically(file, 'one');
    writeFileAtomically(file, Buffer.from('two'));
    expect(readFileSync(file, 'utf8')).toBe('two');
    expect(readdirSync(root)).toEqual(['x']);
    const long = 'x'.repeat(255);
    writeFileAtomically(join(root, long), 'a name as long as can be');
    expect(readdirSync(root)).toContain(long);
  });

  it('on a full disk says so, and keeps what was there', ({ skip }) => {
    const disk = tinyDisk();
    if (disk === null) return skip('cannot mount a tmpfs');
    const file = join(disk, 'checkpoint');
    writeFileAtomically(file, 'the last good one');
    expect(() => writeFileAtomically(file, Buffer.alloc(4_000_000))).toThrow(
      `Cannot write ${file}: the disk is full (ENOSPC).`,
    );
    expect(readdirSync(disk)).toEqual(['checkpoint']);
    expect(readFileSync(file, 'utf8')).toBe('the last good one');
  });

  it('says when a part of the path is a file', () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    expect(() => writeFileAtomically(join(file, 'x'), '')).toThrow('a part of the path is a file');
  });

  it('sweeps what a killed process left', () => {
    const swept = temporaryFolder();
    writeFileSync(join(swept, '.tmp-1-last'), 'half');
    writeFileSync(join(swept, 'last'), 'whole');
    sweepTemporaryFiles(swept);
    expect(readdirSync(swept)).toEqual(['last']);
  });
});

describe('replaceFolder', () => {
  const filled = (folder: string, text: string) => {
    mkdirSync(folder);
    writeFileSync(join(folder, 'file'), text);
    return folder;
  };

  it('puts a folder where there is none, or in the place of another', () => {
    const root = temporaryFolder();
    const [place, aside] = [join(root, 'place'), join(root, 'aside')];
    for (const text of ['first', 'second']) {
      replaceFolder(filled(join(root, text), text), place, aside);
      expect([readdirSync(root), readTextIfThere(join(place, 'file'))]).toEqual([['place'], text]);
    }
  });

  it('leaves what was there where it cannot be done', () => {
    const root = temporaryFolder();
    const place = filled(join(root, 'place'), 'old');
    expect(() => replaceFolder(join(root, 'nothing'), place, join(root, 'aside'))).toThrow(
      `Cannot write ${place}: there is no such file or folder (ENOENT).`,
    );
    expect([readdirSync(root), readTextIfThere(join(place, 'file'))]).toEqual([['place'], 'old']);
  });
});

describe('reading', () => {
  it('tells what is not there from what cannot be told', () => {
    const root = temporaryFolder();
    writeFileSync(join(root, 'file'), 'text');
    symlinkSync('nothing', join(root, 'link'));
    symlinkSync('circle', join(root, 'circle'));
    const kinds = ['', 'file', 'none', 'link', 'file/x', 'x'.repeat(300)].map((name) =>
      kindOf(join(root, name)),
    );
    expect(kinds).toEqual(['folder', 'file', null, null, null, null]);
    expect(() => kindOf(join(root, 'circle'))).toThrow('its symbolic links form a circle (ELOOP)');
  });

  it('does not wait for a pipe that took the place of a file', () => {
    const pipe = join(temporaryFolder(), 'metrics.jsonl');
    execFileSync('mkfifo', [pipe]);
    expect(() => readTextIfThere(pipe)).toThrow(`Cannot read ${pipe}: it is no regular file.`);
  });
});
