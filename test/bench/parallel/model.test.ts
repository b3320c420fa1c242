import { describe, expect, it } from 'vitest';
import {
  fitCarriage,
  fitCompute,
  messagesOf,
  type Situation,
  stepSeconds,
} from '../../../bench/parallel/model.js';

const about = (more: Partial<Situation>): Situation => ({
  way: 'ring',
  ranks: 4,
  share: 1,
  batch: 64,
  bytes: 8e6,
  link: { bytesPerSecond: 1e9, latency: 1e-4 },
  ...more,
});
const compute = { perStep: 0.01, perSample: 0.001 };
const carriage = { perMessage: 0.002, perByte: 1e-9 };

describe('a step on paper', () => {
  it('sends what the two ways of adding up send', () => {
    // Twice all pieces but one; the parts of all others.
    expect(messagesOf('ring', 4, 8e6)).toEqual({ count: 6, bytes: 2e6 });
    expect(messagesOf('ordered', 4, 8e6)).toEqual({ count: 3, bytes: 8e6 });
    expect(messagesOf('ring', 1, 8e6).count).toBe(0);
  });

  it('is the sum of computing and of messages, those of a shared core slower but for waiting', () => {
    expect(stepSeconds(about({}), compute, carriage)).toBeCloseTo(0.026 + 6 * (0.0021 + 2e6 * 2e-9), 12);
    expect(stepSeconds(about({ way: 'ordered', share: 2 }), compute, carriage)).toBeCloseTo(
      2 * 0.026 + 3 * (0.0021 + 8e6 * 3e-9),
      12,
    );
    expect(stepSeconds(about({ ranks: 1 }), compute, carriage)).toBeCloseTo(0.074, 12);
  });

  it('is found again in what it tells', () => {
    const samples = [8, 16, 64].map((n) => ({ samples: n, seconds: 0.01 + 0.001 * n }));
    const { perStep, perSample } = fitCompute(samples);
    expect([perStep, perSample]).toEqual([expect.closeTo(0.01, 9), expect.closeTo(0.001, 9)]);
    const link = { bytesPerSecond: Number.POSITIVE_INFINITY, latency: 0 };
    const points = [6e5, 4e7].map((bytes) => {
      const one = about({ ranks: 2, bytes, link });
      return { about: one, seconds: stepSeconds(one, { perStep: 0, perSample: 0 }, carriage) };
    });
    const found = fitCarriage(points);
    expect(found.perMessage).toBeCloseTo(0.002, 9);
    expect(found.perByte * 1e9).toBeCloseTo(1, 9);
    // Noise makes nothing faster than no time at all.
    const odd = fitCarriage(points.map((point, i) => ({ ...point, seconds: i === 0 ? 1e-5 : 0.1 })));
    expect(odd.perMessage).toBe(0);
    expect(odd.perByte).toBeGreaterThan(0);
  });
});
