import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { VERSION } from '../../../../src/base/package.js';
import { COMPANION, companionFiles, findCompanion } from '../../../../src/train/backend/native/companion.js';
import { bindingIn } from '../../../../src/train/backend/native/locations.js';
import { temporaryFolder } from './child.js';

/** A package as `npm run native` packs it, with a byte in each of its files. */
function installed(version = VERSION) {
  const folder = temporaryFolder();
  for (const file of companionFiles(folder)) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, 'x');
  }
  const manifest = join(folder, 'package.json');
  writeFileSync(manifest, JSON.stringify({ name: COMPANION, version }));
  return { folder, manifest };
}

describe('the companion package', () => {
  test('is taken where it is installed, and not missed where it is not', () => {
    const { folder, manifest } = installed();
    expect(findCompanion(() => manifest)).toBe(folder);
    expect(
      findCompanion(() => {
        throw new Error('Cannot find module');
      }),
    ).toBeNull();
  });

  test.each([
    ['another version', '9.9.9', () => {}, `it is version 9.9.9, and lossnet is ${VERSION}`],
    [
      'without its binding',
      VERSION,
      (folder: string) => rmSync(bindingIn(folder)),
      'tfjs_binding.node is missing',
    ],
    [
      'cut short',
      VERSION,
      (folder: string) => writeFileSync(join(folder, 'package.json'), '{'),
      'cannot be read',
    ],
  ])('of %s is an error with a remedy, not passed over', (_, version, harm, reason) => {
    const { folder, manifest } = installed(version);
    harm(folder);
    const find = () => findCompanion(() => manifest);
    expect(find).toThrow(reason);
    expect(find).toThrow(
      expect.objectContaining({ remedy: expect.stringContaining(`npm install ${COMPANION}@${VERSION}`) }),
    );
  });
});
