import { describe, expect, it } from 'vitest';
import { shapes } from '../../../../../src/train/data/sources/shapes/index.js';

describe('shapes', () => {
  it('need nothing, and come in sizes that suit a first run', async () => {
    const data = await shapes({ type: 'shapes' }).load();
    expect([data.train.identity.records, data.eval.identity.records]).toEqual([5000, 1000]);
    expect([data.train.identity.split, data.eval.identity.split]).toEqual(['train', 'test']);
    expect(data.train.identity).not.toHaveProperty('standsInFor');
    expect(data.warnings).toEqual([]);
  });

  it('differ with the seed, and are made in the sizes asked for', async () => {
    const options = { type: 'shapes', trainSize: 20, evalSize: 10 } as const;
    const [zero, one] = [
      await shapes({ ...options, seed: 0 }).load(),
      await shapes({ ...options, seed: 1 }).load(),
    ];
    expect(zero.train.identity.records).toBe(20);
    expect(one.train.identity.sha256).not.toBe(zero.train.identity.sha256);
  });
});
