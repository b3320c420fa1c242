import { mkdirSync, readdirSync, readFileSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeAll, expect, test, vi } from 'vitest';
import { provideAddon } from '../../../../src/train/backend/native/addons.js';
import { noteUse, sweepOldAddons } from '../../../../src/train/backend/native/old-addons.js';
import { loadTensorFlow } from '../../../../src/train/backend/tensorflow.js';
import { temporaryFolder } from './child.js';

beforeAll(() => loadTensorFlow());

test('an addon of which a part was lost is compiled anew, and a whole one is not', async () => {
  vi.stubEnv('LOSSNET_CACHE', temporaryFolder());
  const steps: string[] = [];
  const provided = () => provideAddon('process', (step) => steps.push(step));
  const addon = await provided();
  const bytes = readFileSync(addon);
  // To load this one would end the process by SIGBUS.
  truncateSync(addon, 4096);
  expect(await provided()).toBe(addon);
  expect(readFileSync(addon)).toEqual(bytes);
  await provided();
  expect(steps).toEqual(Array(2).fill(expect.stringMatching(/^compiling what the process needs/)));
  vi.unstubAllEnvs();
});

test('what was made for other versions is removed when it was not used for long', () => {
  const folder = temporaryFolder();
  const [own, old, used, other, strange] = [
    'process-0123456789abcdef',
    'process-1111111111111111',
    'process-2222222222222222',
    'engine-1111111111111111',
    'process-old',
  ].map((name) => join(folder, name));
  const addon = 'lossnet_process.node';
  const long = new Date(Date.now() - 61 * 24 * 60 * 60 * 1000);
  for (const each of [own, old, used, other, strange]) {
    mkdirSync(each!);
    writeFileSync(join(each!, addon), '');
    utimesSync(join(each!, addon), long, long);
  }
  noteUse(join(used!, addon));
  sweepOldAddons(own!, addon);
  expect(readdirSync(folder).sort()).toEqual(
    [own, used, other, strange].map((path) => basename(path!)).sort(),
  );
  // What is not there, or may not be noted, is no reason to fail.
  noteUse(join(folder, 'nothing'));
});
