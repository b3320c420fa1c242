import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { runAll, slots, threadsFor } from '../../../src/cli/compare/schedule.js';

describe('the runs of a comparison', () => {
  it.each([
    [3, 2, undefined, 3],
    [4, 2, undefined, 2],
    [2, 8, undefined, 2],
    [9, 2, 4, 4],
  ])('%i left, %i cores, --jobs %s: %i at a time', (left, cores, jobs, expected) => {
    expect(slots(left, cores, jobs)).toBe(expected);
  });

  it('share the cores', () => {
    expect(threadsFor(3, 2, undefined).intra_op).toBe(1);
    expect(threadsFor(3, 2, 1).intra_op).toBe(2);
    expect(threadsFor(2, 8, undefined).intra_op).toBe(4);
    expect(threadsFor(20, 8, undefined).intra_op).toBe(1);
  });

  it('never more than there are slots, all of them, and none after a stop', async () => {
    const options = { cores: 2, jobs: undefined };
    let [running, most, done] = [0, 0, 0];
    const start = async () => {
      running++;
      most = Math.max(most, running);
      await sleep(5);
      running--;
      done++;
    };
    await runAll([1, 2, 3, 4, 5, 6, 7], start, { ...options, signal: new AbortController().signal });
    expect([most, done]).toEqual([3, 7]);

    const stop = new AbortController();
    const stopping = async () => {
      done++;
      stop.abort();
    };
    done = 0;
    await runAll([1, 2, 3, 4, 5], stopping, { ...options, jobs: 1, signal: stop.signal });
    expect(done).toBe(1);
  });
});
