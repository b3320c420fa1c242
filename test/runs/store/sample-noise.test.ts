import { describe, expect, it } from 'vitest';
import { isWithinNoise, samplesOf } from '../../../src/runs/store/sample-noise.js';
import { recordOf } from '../report/explain/helpers.js';

describe('whether two figures may differ by luck', () => {
  it('is told of shares by how many samples they are of', () => {
    const of = (samples: number) => recordOf([], { samples });
    expect(isWithinNoise('eval_accuracy', [44 / 74, 43 / 74], of(74))).toBe(true);
    // 2 sqrt((0.25 + 0.24) / n) is 0.14 of 100 samples, and 0.0443 of 1,000.
    expect([0.13, 0.15].map((lead) => isWithinNoise('eval_accuracy', [0.5, 0.5 - lead], of(100)))).toEqual([
      true,
      false,
    ]);
    expect(isWithinNoise('eval_accuracy', [0.6, 0.5], of(1000))).toBe(false);
    expect(isWithinNoise('eval_accuracy', [1, 1], of(10))).toBe(true);
  });

  it('is told of others, and of unknown samples, by a tenth', () => {
    const unknown = recordOf([], {});
    expect(samplesOf('eval_loss', unknown)).toBeNull();
    for (const key of ['eval_loss', 'eval_accuracy'] as const) {
      expect(isWithinNoise(key, [0.5, 0.46], unknown)).toBe(true);
      expect(isWithinNoise(key, [0.5, 0.44], unknown)).toBe(false);
    }
  });

  it('counts the samples that are left by a limit', () => {
    const record = recordOf(['evaluation.limit=30', 'loader.limit=7'], { samples: 74 });
    expect([samplesOf('eval_accuracy', record), samplesOf('train_accuracy', record)]).toEqual([30, 7]);
    expect(samplesOf('eval_loss', recordOf(['evaluation.limit=300'], { samples: 74 }))).toBe(74);
  });
});
