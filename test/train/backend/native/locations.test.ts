import { expect, test, vi } from 'vitest';
import { cacheFolder } from '../../../../src/base/cache-folder.js';
import { wheelLibraryFolder } from '../../../../src/train/backend/native/locations.js';

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
