import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { cacheFolder } from '../../../../src/base/cache-folder.js';
import {
  bindingIn,
  officialFolder,
  wheelLibraryFolder,
} from '../../../../src/train/backend/native/locations.js';
import { temporaryFolder } from './child.js';

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

test("tfjs-node's own binding is taken where it is there, in the version that lossnet is made with", () => {
  const folder = temporaryFolder();
  const manifest = join(folder, 'package.json');
  const install = (version: string) => writeFileSync(manifest, JSON.stringify({ version }));
  install('4.22.0');
  expect(officialFolder(() => manifest)).toBeNull();
  mkdirSync(dirname(bindingIn(folder)), { recursive: true });
  writeFileSync(bindingIn(folder), 'x');
  expect(officialFolder(() => manifest)).toBe(folder);
  install('4.21.0');
  expect(officialFolder(() => manifest)).toBeNull();
  expect(officialFolder(() => join(folder, 'nowhere.json'))).toBeNull();
});
