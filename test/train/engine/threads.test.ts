import { availableParallelism } from 'node:os';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { setThreads } from '../../../src/train/engine/threads.js';

const NAMES = ['TF_NUM_INTRAOP_THREADS', 'TF_NUM_INTEROP_THREADS'] as const;
const before = NAMES.map((name) => process.env[name]);
const clear = () => {
  for (const name of NAMES) delete process.env[name];
};
beforeEach(clear);
afterEach(() => {
  clear();
  for (const [i, name] of NAMES.entries()) if (before[i] !== undefined) process.env[name] = before[i];
});
const threads = () => NAMES.map((name) => process.env[name]);
const cores = `${availableParallelism()}`;

it('light steps run ops side by side, heavy ones share each op', () => {
  setThreads('auto', 1e8);
  expect(threads()).toEqual(['1', cores]);
  clear();
  setThreads('auto', 1e10);
  expect(threads()).toEqual([cores, cores]);
});

it('what the environment says stays, what the configuration says wins', () => {
  process.env.TF_NUM_INTRAOP_THREADS = '3';
  setThreads('auto', 1e8);
  expect(threads()).toEqual(['3', cores]);
  setThreads({ intra: 1, inter: 4 }, 1e10);
  expect(threads()).toEqual(['1', '4']);
});
