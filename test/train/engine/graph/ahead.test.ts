import { beforeAll, describe, expect, it } from 'vitest';
import { loadTensorFlow } from '../../../../src/train/backend/tensorflow.js';
import { Ahead } from '../../../../src/train/engine/graph/ahead.js';

beforeAll(() => loadTensorFlow());

/** Takes a millisecond of a core. */
function work(): void {
  const end = process.cpuUsage().user + process.cpuUsage().system + 1000;
  while (process.cpuUsage().user + process.cpuUsage().system < end);
}

describe('what comes next', () => {
  it('is made meanwhile where that takes long, once, and in order', () => {
    const made: number[] = [];
    const ahead = new Ahead();
    const seen: [number, number][] = [];
    for (const one of ahead.through([0, 1, 2, 3, 4, 5], (each) => {
      work();
      made.push(each);
    })) {
      ahead.take?.();
      ahead.take?.();
      seen.push([one, made.length]);
    }
    // While one is used, the next has been made; but for the last.
    expect(seen.slice(2)).toEqual([2, 3, 4, 5].map((one) => [one, Math.min(one + 2, 6)]));
    expect(made).toEqual([0, 1, 2, 3, 4, 5]);
    expect(ahead.take).toBeUndefined();
  });

  it('is made in its turn where that takes no time', () => {
    const ahead = new Ahead();
    for (const _ of ahead.through([0, 1, 2, 3], () => {})) expect(ahead.take).toBeUndefined();
  });

  it('is made with others that follow where that takes no time, and fails in its turn', () => {
    const ahead = new Ahead();
    const made: number[] = [];
    const all = function* () {
      for (let one = 0; one < 40; one++) {
        if (one === 38) throw new Error('the file has gone');
        made.push(one);
        yield one;
      }
    };
    const seen: number[] = [];
    const before: number[] = [];
    expect(() => {
      for (const one of ahead.through(all(), () => {})) {
        seen.push(one);
        before.push(made.length);
      }
    }).toThrow('the file has gone');
    expect(seen).toEqual(Array.from({ length: 38 }, (_, i) => i));
    const early = before.map((count, i) => count - i - 1);
    expect(Math.max(...early)).toBeGreaterThan(0);
    expect(Math.max(...early)).toBeLessThan(16);
  });

  it('fails in its turn', () => {
    const ahead = new Ahead();
    const all = function* () {
      for (const one of [0, 1, 2, 3]) {
        work();
        if (one === 3) throw new Error('the file has gone');
        yield one;
      }
    };
    const seen: number[] = [];
    expect(() => {
      for (const one of ahead.through(all(), () => {})) {
        ahead.take?.();
        seen.push(one);
      }
    }).toThrow('the file has gone');
    expect(seen).toEqual([0, 1, 2]);
    expect(ahead.take).toBeUndefined();
  });

  it('is not asked for any more once nobody goes on', () => {
    const ahead = new Ahead();
    let isLeft = false;
    const all = function* () {
      try {
        yield* [0, 1, 2];
      } finally {
        isLeft = true;
      }
    };
    for (const one of ahead.through(all(), work)) if (one === 1) break;
    expect([isLeft, ahead.take]).toEqual([true, undefined]);
  });
});
