import { describe, expect, it } from 'vitest';
import { BalancedSampler } from '../../../src/train/data/balanced-sampler.js';
import { DataLoader } from '../../../src/train/data/loader.js';
import { NO_TRANSFORMS, tinyDataset } from '../../helpers/data.js';

describe('a balanced sampler', () => {
  /** Of four classes 90, 9, 1 and none. */
  const uneven = () => {
    const { targets, ...rest } = tinyDataset(100, 4);
    return { ...rest, targets: targets.map((_, i) => (i < 90 ? 0 : i < 99 ? 1 : 2)) };
  };
  const balanced = (seed = 0, limit: number | null = null) =>
    new DataLoader(uneven(), {
      ...{ batchSize: 4, shuffle: true, sampler: 'balanced', dropLast: false, limit, seed },
      transforms: NO_TRANSFORMS,
    });
  const targetsOf = (loader: DataLoader, epoch: number) =>
    [...loader.epoch(epoch)].flatMap(({ targets }) => [...targets]);

  it('draws every class that there is as often, and of a class every sample', () => {
    const epochs = 300;
    const drawn = Array.from({ length: epochs }, (_, epoch) => targetsOf(balanced(), epoch)).flat();
    expect(drawn).toHaveLength(100 * epochs);
    for (const target of [0, 1, 2]) {
      const share = drawn.filter((own) => own === target).length / drawn.length;
      // Five standard deviations of so many draws with a probability of 1/3.
      expect(Math.abs(share - 1 / 3)).toBeLessThan(5 * Math.sqrt(2 / 9 / drawn.length));
    }
    expect(drawn).not.toContain(3);
    const sampler = new BalancedSampler(uneven(), 100);
    const seen = new Set(Array.from({ length: epochs }, (_, epoch) => [...sampler.draw(0, epoch)]).flat());
    expect(seen.size).toBe(100);
  });

  it('is a function of seed and epoch, and goes on within an epoch', () => {
    expect(targetsOf(balanced(), 3)).toEqual(targetsOf(balanced(), 3));
    expect(targetsOf(balanced(), 3)).not.toEqual(targetsOf(balanced(), 4));
    expect(targetsOf(balanced(1), 3)).not.toEqual(targetsOf(balanced(), 3));
    expect([...balanced().epoch(2, 20)]).toEqual([...balanced().epoch(2)].slice(20));
    // Of the first records there is one class only.
    expect(targetsOf(balanced(0, 50), 0)).toEqual(new Array(50).fill(0));
  });

  it('is part of what identifies the order, which is as before without one', () => {
    const plain = {
      batchSize: 4,
      shuffle: true,
      dropLast: false,
      limit: null,
      seed: 0,
      transforms: NO_TRANSFORMS,
    };
    const shaOf = (sampler: object) => new DataLoader(uneven(), { ...plain, ...sampler }).orderSha256;
    expect(shaOf({ sampler: null })).toBe(shaOf({}));
    expect(shaOf({ sampler: 'balanced' })).not.toBe(shaOf({}));
  });

  it('is for classes, and draws by lot', () => {
    const values = uneven();
    const spec = { ...values.spec, target: { kind: 'value' as const, names: ['a'] } };
    const options = { batchSize: 4, shuffle: false, sampler: 'balanced' as const, dropLast: false, seed: 0 };
    expect(() => new DataLoader({ ...values, spec }, { ...options, transforms: NO_TRANSFORMS })).toThrow(
      'sampler: tiny has real values to tell, and balanced is for classes\nsampler: balanced draws by lot, and shuffle is false',
    );
  });
});
