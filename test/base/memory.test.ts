import { expect, it } from 'vitest';
import { freeNow } from '../../src/base/memory.js';

it('leaves nothing of an array, and nothing that keeps the process from ending', () => {
  const array = new Float32Array(1000).fill(1);
  freeNow(array);
  expect([array.length, array.buffer.byteLength]).toEqual([0, 0]);
  expect(process.getActiveResourcesInfo()).not.toContain('MessagePort');
});
