import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadTurbo } from '../../../../../src/train/data/sources/image-folder/jpeg-binding.js';
import { failure, temporaryFolder } from '../../helpers.js';

/** A folder of bindings for these platforms, none of which is one. */
function bindings(...platforms: string[]): string {
  const root = temporaryFolder();
  for (const platform of platforms) {
    mkdirSync(join(root, platform));
    writeFileSync(join(root, platform, 'binding.node'), 'hello');
  }
  return root;
}

const refusal = (...of: Parameters<typeof loadTurbo>) => failure((async () => loadTurbo(...of))());
const machine = (platform: string, arch: string, glibc?: string) => ({ platform, arch, glibc: () => glibc });

it('of lossnet decodes here', () => {
  expect(typeof loadTurbo().decompressSync).toBe('function');
});

it.each([
  [
    machine('win32', 'x64'),
    'lossnet can decode pictures on darwin-arm64, linux-x64; this is win32-x64.',
    /^Use WSL 2, /,
  ],
  [
    machine('linux', 'riscv64', '2.40'),
    'lossnet can decode pictures on darwin-arm64, linux-x64; this is linux-riscv64.',
    /^Decode them on one of these, .* dataset\.type: arrays$/,
  ],
  [
    machine('linux', 'x64'),
    /\/linux-x64\/binding\.node, which decodes JPEGs, cannot be loaded: /,
    /^Use an image with glibc, /,
  ],
  [
    machine('linux', 'x64', '2.36'),
    /\/linux-x64\/binding\.node, which decodes JPEGs, cannot be loaded: .*file too short|invalid ELF/,
    'Install lossnet again; in a clone: npm run build',
  ],
])('says what is true of the machine: %o', async (own, message, remedy) => {
  const error = await refusal(bindings('linux-x64', 'darwin-arm64'), own);
  expect(error.code).toBe('LOSSNET_DATA_DECODER');
  expect(error.message).toMatch(message);
  expect(error.remedy).toMatch(remedy);
});

it('that was lost is to be installed again', async () => {
  const error = await refusal(join(temporaryFolder(), 'gone'), machine('linux', 'x64', '2.36'));
  expect(error.message).toContain('cannot be loaded: ');
  expect(error.remedy).toContain('Install lossnet again');
});
