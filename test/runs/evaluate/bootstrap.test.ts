import { beforeAll, describe, expect, it } from 'vitest';
import { differencesOf, KeptSamples } from '../../../src/runs/evaluate/bootstrap.js';
import { loadTensorFlow } from '../../../src/train/backend/tensorflow.js';
import { createLoss } from '../../../src/train/loss/index.js';
import { createTask } from '../../../src/train/task/index.js';
import { CROSS_ENTROPY } from '../../helpers/losses.js';

beforeAll(() => loadTensorFlow());

const SAMPLES = 400;
const TASK = createTask({ kind: 'class', names: ['a', 'b'] });
const LOSS = createLoss(CROSS_ENTROPY);

/** A model that is right about a share of the samples. */
function model(share: number, shift: number): KeptSamples {
  const kept = new KeptSamples(TASK, LOSS);
  const targets = Int32Array.from({ length: SAMPLES }, (_, i) => i % 2);
  const outputs = Float32Array.from({ length: 2 * SAMPLES }, (_, k) => {
    const i = Math.floor(k / 2);
    const isRight = ((i * 37 + shift) % SAMPLES) / SAMPLES < share;
    return k % 2 === (isRight ? i % 2 : 1 - (i % 2)) ? 1 : 0;
  });
  kept.add({ size: SAMPLES, targets }, outputs);
  return kept;
}

const once = new Array(SAMPLES).fill(1);
const between = async (own: KeptSamples, other: KeptSamples, seed = 0) =>
  (await differencesOf(
    own,
    other,
    { own: own.figures(once), other: other.figures(once) },
    { resamples: 2000, seed },
  ))!;

describe('an interval of a difference', () => {
  it('is as wide as the normal approximation of paired samples has it', async () => {
    const [own, other] = [model(0.8, 0), model(0.6, 150)];
    const accuracy = (await between(own, other)).find(({ figure }) => figure === 'accuracy')!;
    expect(accuracy.difference).toBeCloseTo(0.2, 10);
    // d is 1, 0 or -1: which of the two is right.
    const hits = (kept: KeptSamples, i: number) =>
      kept.figures(once.map((_, k) => (k === i ? 1 : 0))).accuracy!;
    const d = Array.from({ length: SAMPLES }, (_, i) => hits(own, i) - hits(other, i));
    const mean = d.reduce((sum, x) => sum + x, 0) / SAMPLES;
    const error = Math.sqrt(d.reduce((sum, x) => sum + (x - mean) ** 2, 0) / SAMPLES / SAMPLES);
    const [low, high] = accuracy.interval!;
    expect(low).toBeGreaterThan(mean - 1.96 * error * 1.15);
    expect(low).toBeLessThan(mean - 1.96 * error * 0.85);
    expect(high).toBeGreaterThan(mean + 1.96 * error * 0.85);
    expect(high).toBeLessThan(mean + 1.96 * error * 1.15);
  });

  it('is nothing between a model and itself, and the same for the same seed', async () => {
    const own = model(0.7, 3);
    for (const { difference, interval } of await between(own, own))
      expect([difference, interval]).toEqual([0, [0, 0]]);
    const other = model(0.65, 40);
    expect(await between(own, other)).toEqual(await between(own, other));
    expect(await between(own, other, 1)).not.toEqual(await between(own, other));
  });
});
