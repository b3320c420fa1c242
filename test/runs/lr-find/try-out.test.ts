import { describe, expect, it } from 'vitest';
import { tryOut } from '../../../src/runs/lr-find/try-out.js';
import type { LrFound } from '../../../src/train/lr-suggestion.js';
import type { LrTrial, LrTrialStatus } from '../../../src/train/lr-trial.js';

const FOUND: LrFound = {
  found: true,
  lr: 0.16,
  band: { low: 0.03, high: 0.16 },
  steepest: { lr: 0.1 },
  start: 2.3,
  lowest: { lr: 0.32, loss: 1.8 },
  fallShare: 0.2,
  fallsFromStart: false,
  fallsToEnd: false,
};

/** Trials that end so, by their learning rates, and those that were made. */
function trials(ends: Record<string, number | LrTrialStatus>) {
  const made: number[] = [];
  return {
    made,
    run: async (lr: number): Promise<LrTrial> => {
      made.push(lr);
      const end = ends[lr] ?? 'flat';
      const status = typeof end === 'number' ? 'stable' : end;
      const loss = typeof end === 'number' ? end : 2.3;
      return { lr, status, end: status === 'diverged' ? null : loss, losses: Array(40).fill(loss) };
    },
  };
}

describe('tryOut', () => {
  it('gives what is stable, whose half comes less far, and whose double does not diverge', async () => {
    const { made, run } = trials({ 0.32: 'rose', 0.16: 1, 0.08: 1.2 });
    const outcome = await tryOut(FOUND, 1e-7, run);
    expect(outcome?.suggestion).toEqual(FOUND);
    expect(made).toEqual([0.16, 0.08, 0.32]);
    expect(outcome?.trials.map(({ lr }) => lr)).toEqual([0.32, 0.16, 0.08]);
  });

  it('gives half of what holds while its double diverges', async () => {
    const { made, run } = trials({ 0.32: 'diverged', 0.16: 1, 0.08: 1.2, 0.04: 1.4 });
    const outcome = await tryOut(FOUND, 1e-7, run);
    expect(outcome?.suggestion).toMatchObject({ lr: 0.08, band: { low: 0.03, high: 0.08 } });
    expect(made).toEqual([0.16, 0.08, 0.32, 0.04]);
  });

  it.each<[string, Record<string, number | LrTrialStatus>]>([
    ['is lost', { 0.16: 'flat', 0.08: 'flat', 0.04: 1, 0.02: 1.2 }],
    ['diverges', { 0.16: 'diverged', 0.08: 'rose', 0.04: 1, 0.02: 1.2 }],
    ['comes less far than its half', { 0.16: 2, 0.08: 1.5, 0.04: 1, 0.02: 1.2 }],
    ['holds while its half breaks', { 0.16: 1, 0.08: 'rose', 0.04: 1, 0.02: 1.2 }],
  ])('goes down where it %s', async (_, ends) => {
    const { made, run } = trials(ends);
    const outcome = await tryOut(FOUND, 1e-7, run);
    expect(outcome?.suggestion).toMatchObject({ lr: 0.04, band: { low: 0.03, high: 0.04 } });
    expect(made).toEqual([0.16, 0.08, 0.04, 0.02]);
  });

  it('gives the half where that comes further, once', async () => {
    const { made, run } = trials({ 0.16: 1.02, 0.08: 1, 0.04: 0.99, 0.02: 0.98 });
    const outcome = await tryOut(FOUND, 1e-7, run);
    expect(outcome?.suggestion).toMatchObject({ lr: 0.08 });
    expect(made).toEqual([0.16, 0.08, 0.04]);
  });

  it('gives no band that ends below its beginning', async () => {
    const { run } = trials({ 0.02: 1, 0.01: 1.2 });
    const outcome = await tryOut(FOUND, 1e-7, run);
    expect(outcome?.suggestion).toMatchObject({ lr: 0.02, band: { low: 0.02, high: 0.02 } });
  });

  it('suggests nothing where nothing holds, after six trials or at the least learning rate', async () => {
    const none = { found: false, reason: 'unstable' };
    const all = trials({});
    expect((await tryOut(FOUND, 1e-7, all.run))?.suggestion).toEqual(none);
    expect(all.made).toHaveLength(6);
    const few = trials({});
    expect((await tryOut(FOUND, 0.05, few.run))?.suggestion).toEqual(none);
    expect(few.made).toEqual([0.16, 0.08]);
  });

  it('stops when it is told to', async () => {
    expect(await tryOut(FOUND, 1e-7, async () => null)).toBeNull();
  });
});
