import { existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { tagOf, thisProcess } from '../../../src/base/process.js';
import { discard } from '../../../src/runs/store/discard.js';
import { RunFolder } from '../../../src/runs/store/folder.js';

const gone = tagOf({ ...thisProcess(), pid: 4194305 }); // No process has such a number.

it.each(['new', 'force'] as const)(
  'what a process was killed in deleting is deleted by the next run there, mode %s, though the run itself is gone',
  (mode) => {
    const runs = mkdtempSync(join(tmpdir(), 'lossnet-discard-'));
    const [theirs, ours] = [gone, tagOf(thisProcess())].map((tag) => join(runs, `.discarded.tmp-1-${tag}-0`));
    for (const folder of [theirs!, ours!]) {
      mkdirSync(folder);
      writeFileSync(join(folder, 'config.yaml'), '');
    }
    const folder = new RunFolder(join(runs, 'x'));
    folder.claim(mode);
    folder.release();
    expect([existsSync(theirs!), existsSync(ours!)]).toEqual([false, true]);
  },
);

it('a folder that is deleted leaves nothing', () => {
  const runs = mkdtempSync(join(tmpdir(), 'lossnet-discard-'));
  mkdirSync(join(runs, 'x/checkpoints'), { recursive: true });
  discard(join(runs, 'x'));
  expect(readdirSync(runs)).toEqual([]);
});
