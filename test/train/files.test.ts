import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { sweepTemporaryFiles, writeFileAtomically } from '../../src/train/files.js';

const folder = mkdtempSync(join(tmpdir(), 'lossnet-files-'));

/** A file system of 1 MB, where the system lets this user make one. */
function tinyDisk(): string | null {
  const disk = join(folder, 'disk');
  mkdirSync(disk);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk], { stdio: 'ignore' });
    return disk;
  } catch {
    return null;
  }
}

const disk = tinyDisk();
afterAll(() => {
  if (disk !== null) execFileSync('umount', [disk]);
});

describe('writeFileAtomically', () => {
  it('writes and replaces, and leaves nothing else', () => {
    const file = join(mkdtempSync(join(folder, 'w-')), 'x');
    writeFileAtomically(file, 'one');
    writeFileAtomically(file, Buffer.from('two'));
    expect(readFileSync(file, 'utf8')).toBe('two');
    expect(readdirSync(join(file, '..'))).toEqual(['x']);
  });

  it.skipIf(disk === null)('on a full disk says so, and keeps what was there', () => {
    const file = join(disk!, 'checkpoint');
    writeFileAtomically(file, 'the last good one');
    expect(() => writeFileAtomically(file, Buffer.alloc(4_000_000))).toThrow(
      `Cannot write ${file}: the disk is full.`,
    );
    expect(readdirSync(disk!)).toEqual(['checkpoint']);
    expect(readFileSync(file, 'utf8')).toBe('the last good one');
  });

  it('says when a part of the path is a file', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(() => writeFileAtomically(join(folder, 'file', 'x'), '')).toThrow('a part of the path is a file');
  });

  it('sweeps what a killed process left', () => {
    const swept = mkdtempSync(join(folder, 's-'));
    writeFileSync(join(swept, '.tmp-1-last'), 'half');
    writeFileSync(join(swept, 'last'), 'whole');
    sweepTemporaryFiles(swept);
    expect(readdirSync(swept)).toEqual(['last']);
  });
});
