import { readFileSync, truncateSync } from 'node:fs';
import { beforeAll, expect, test, vi } from 'vitest';
import { provideAddon } from '../../../../src/train/backend/native/addons.js';
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
