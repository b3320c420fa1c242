import { expect, it } from 'vitest';
import { environmentProblems, threadsIn } from '../../../src/train/backend/environment.js';

const THREADS = 'expected a whole number from 1 to 1024, or 0 for all cores.';
const SWITCH = 'expected 1 or true, 0 or false.';

it.each([
  ['TF_NUM_INTRAOP_THREADS', '-3', THREADS],
  ['TF_NUM_INTRAOP_THREADS', '-2', THREADS],
  ['TF_NUM_INTRAOP_THREADS', 'abc', THREADS],
  ['TF_NUM_INTRAOP_THREADS', '100000', THREADS],
  ['TF_NUM_INTRAOP_THREADS', '1025', THREADS],
  ['TF_NUM_INTEROP_THREADS', '2.5', THREADS],
  ['TF_NUM_INTEROP_THREADS', '1e2', THREADS],
  ['TF_NUM_INTEROP_THREADS', ' ', THREADS],
  ['TF_ENABLE_ONEDNN_OPTS', 'on', SWITCH],
  ['TF_MKL_OPTIMIZE_PRIMITIVE_MEMUSE', '2', SWITCH],
])('%s=%s is named with what is allowed', (name, value, allowed) => {
  expect(environmentProblems({ [name]: value })).toEqual([`${name}=${JSON.stringify(value)}: ${allowed}`]);
});

it.each([
  ['TF_NUM_INTRAOP_THREADS', '1'],
  ['TF_NUM_INTRAOP_THREADS', '1024'],
  ['TF_NUM_INTEROP_THREADS', '0'],
  ['TF_NUM_INTEROP_THREADS', ''],
  ['TF_ENABLE_ONEDNN_OPTS', '0'],
  ['TF_MKL_OPTIMIZE_PRIMITIVE_MEMUSE', 'True'],
])('%s=%s is fine', (name, value) => {
  expect(environmentProblems({ [name]: value })).toEqual([]);
});

it('threads are what TensorFlow chooses where none, or 0, are named', () => {
  const threads = [undefined, '', '0', '3'].map((value) =>
    threadsIn({ TF_NUM_INTRAOP_THREADS: value }, 'TF_NUM_INTRAOP_THREADS'),
  );
  expect(threads).toEqual([null, null, null, 3]);
});
