import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { runAll, slots, threadsFor } from '../../../../src/runs/compare/execute/schedule.js';
import { parseRequest } from '../../../../src/runs/compare/plan/request.js';
import { planVariants } from '../../../../src/runs/compare/plan/variants.js';

describe('the runs of a comparison', () => {
  it.each([
    [3, 2, undefined, 3, 2],
    [4, 2, undefined, 2, 2],
    [2, 8, undefined, 2, 8],
    [9, 2, 4, 4, 4],
  ])(
    '%i left, %i cores, --jobs %s: %i at a time; %i where one alone keeps all cores busy',
    (left, cores, jobs, expected, shared) => {
      expect(slots(left, cores, { jobs, sharesCores: false })).toBe(expected);
      expect(slots(left, cores, { jobs, sharesCores: true })).toBe(shared);
    },
  );

  it('share the cores', () => {
    const request = parseRequest(['sgd', 'adam', 'engine=eager']);
    const { variants } = planVariants(request, { config: undefined, seeds: 10, maxRuns: 32, env: {} });
    const runs = (count: number) => variants.flatMap((variant) => variant.runs).slice(0, count);
    expect(threadsFor(runs(3), { cores: 2, jobs: undefined, env: {} })).toEqual({ intra_op: 1, inter_op: 1 });
    expect(threadsFor(runs(3), { cores: 2, jobs: 1, env: {} })).toEqual({ intra_op: 2, inter_op: 2 });
    expect(threadsFor(runs(2), { cores: 8, jobs: undefined, env: {} })).toEqual({ intra_op: 4, inter_op: 4 });
    expect(threadsFor(runs(20), { cores: 8, jobs: undefined, env: {} })).toEqual({
      intra_op: 1,
      inter_op: 1,
    });
    const env = { TF_NUM_INTRAOP_THREADS: '2' };
    expect(threadsFor(runs(20), { cores: 8, jobs: undefined, env })).toEqual({ intra_op: 2, inter_op: 1 });
  });

  it('compute their batches in parts where they have several cores and their models allow it', () => {
    const { variants } = planVariants(parseRequest(['sgd', 'adam']), {
      config: undefined,
      seeds: 1,
      maxRuns: 2,
      env: {},
    });
    expect(
      threadsFor(
        variants.flatMap((variant) => variant.runs),
        { cores: 8, jobs: undefined, env: {} },
      ),
    ).toEqual({ intra_op: 1, inter_op: 8 });
  });

  it('never more than there are slots, all of them, and none after a stop', async () => {
    const options = { cores: 2, jobs: undefined, sharesCores: false };
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
