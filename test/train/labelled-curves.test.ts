import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { confusionOf, scoreOf } from '../../bench/curves/confusion.js';
import { type LabelledCurve, PARTS } from '../../bench/curves/fixture.js';
import { diagnose } from '../../src/train/diagnosis.js';
import { addStep, emptyCurve, type LossCurve } from '../../src/train/loss-curve.js';
import { RandomStream } from '../../src/train/random.js';

/** Made by `npm run bench:curves`; what is true of them is said by neighbours and more epochs: bench/curves/label.ts. */
const FILE = new URL('../fixtures/labelled_curves.json.gz', import.meta.url);
const CURVES = JSON.parse(gunzipSync(readFileSync(FILE)).toString()) as LabelledCurve[];

describe('the diagnosis of labelled curves', () => {
  const matrices = Object.fromEntries(
    PARTS.map((part) => [part, confusionOf(CURVES.filter((curve) => curve.part === part))]),
  );

  it('has enough of them, of all kinds', () => {
    expect(CURVES.length).toBeGreaterThan(400);
    expect(new Set(CURVES.map(({ truth }) => truth)).size).toBeGreaterThanOrEqual(8);
    expect(new Set(CURVES.map(({ name }) => name)).size).toBe(CURVES.length);
  });

  it('says what bench/DIAGNOSIS.md says that it says', () => {
    expect(matrices).toMatchInlineSnapshot(`
      {
        "fresh": {
          "diverged": {
            "diverged": 9,
          },
          "healthy": {
            "healthy": 4,
          },
          "improving": {
            "healthy": 12,
          },
          "overfitting": {
            "overfitting": 24,
          },
          "plateau": {
            "plateau": 18,
            "too_large": 1,
          },
          "slow": {
            "healthy": 42,
            "too_slow": 5,
          },
          "too_large": {
            "healthy": 2,
            "overfitting": 1,
            "too_large": 34,
            "too_short": 3,
          },
          "too_small": {
            "healthy": 1,
            "too_short": 4,
            "too_slow": 55,
          },
        },
        "held_out": {
          "diverged": {
            "diverged": 7,
          },
          "healthy": {
            "healthy": 2,
          },
          "improving": {
            "healthy": 10,
            "too_large": 2,
            "too_short": 2,
          },
          "overfitting": {
            "overfitting": 15,
          },
          "plateau": {
            "healthy": 1,
            "plateau": 9,
          },
          "slow": {
            "healthy": 27,
            "too_short": 6,
            "too_slow": 3,
          },
          "too_large": {
            "healthy": 1,
            "too_large": 27,
          },
          "too_small": {
            "healthy": 1,
            "too_short": 5,
            "too_slow": 40,
          },
        },
        "made": {
          "diverged": {
            "diverged": 7,
          },
          "healthy": {
            "healthy": 5,
          },
          "improving": {
            "healthy": 10,
            "too_short": 2,
          },
          "overfitting": {
            "overfitting": 13,
          },
          "plateau": {
            "plateau": 7,
          },
          "slow": {
            "healthy": 17,
            "too_short": 3,
            "too_slow": 5,
          },
          "too_large": {
            "too_large": 26,
          },
          "too_small": {
            "too_short": 3,
            "too_slow": 39,
          },
        },
      }
    `);
  });

  it.each(PARTS)('is right of 95 %% of those that are %s', (part) => {
    const { all, right, wellCalledIll } = scoreOf(matrices[part]!);
    expect(right / all).toBeGreaterThanOrEqual(0.95);
    expect(wellCalledIll).toBeLessThanOrEqual(ILL[part]);
  });
});

/** Well ones that are called ill, in bench/DIAGNOSIS.md too. */
const ILL = { made: 0, held_out: 2, fresh: 0 };

/** What issue and users were told wrong; each with curves that show it. */
describe('what was told wrong once', () => {
  const curveOf = (losses: readonly number[], epochs: readonly (readonly [number, number])[]) => {
    const curve = emptyCurve();
    for (const loss of losses) addStep(curve, loss);
    curve.epochs.push(...epochs.map(([trainLoss, evalLoss]) => ({ trainLoss, evalLoss })));
    return curve;
  };
  /** Steps of epochs of so many steps, on lines between the epochs' training losses, with the noise of batches. */
  const stepsOf = (train: readonly number[], first: number, perEpoch: number, noise: number) => {
    const random = new RandomStream(0, 'shapes', 'steps');
    return train.flatMap((loss, i) =>
      Array.from({ length: perEpoch }, (_, j) => {
        const before = i === 0 ? 2 * first - loss : train[i - 1]!;
        return loss + (before - loss) * (0.5 - j / perEpoch) + noise * random.normal();
      }),
    );
  };
  const kindOf = (curve: LossCurve, lr: number, usualLr: number) =>
    diagnose({ curve, lr, usualLr, isNoisy: false, isScheduled: false, divergence: null });

  it("calls the zigzag of the tutorial's net at 0.1 no overfitting", () => {
    // Recorded: cifar-sgd.yaml on a sample of 5,000 images, optimizer.lr=0.1, seed 1; training accuracy 35 to 55 %.
    const train = [2.25, 2.06, 1.89, 1.76, 1.66, 1.61, 1.5, 1.41, 1.36, 1.24, 1.17];
    const evaluation = [2.19, 2.09, 2.29, 1.74, 2.44, 1.63, 1.71, 2.21, 1.77, 1.98, 2.02];
    for (const length of [9, 10, 11]) {
      const epochs = train.slice(0, length).map((loss, i) => [loss, evaluation[i]!] as const);
      const losses = stepsOf(train.slice(0, length), 2.31, 79, 0.12);
      expect(kindOf(curveOf(losses, epochs), 0.1, 0.01).kind).toBe('too_large');
    }
  });

  it('calls a single jump of the training loss no overfitting', () => {
    // A run on shapes at 96 %, whose training loss jumped from 0.04 to 0.15 and back.
    const train = [1.9, 0.7, 0.3, 0.2, 0.12, 0.06, 0.04, 0.15, 0.05];
    const evaluation = [1.5, 0.6, 0.3, 0.16, 0.11, 0.14, 0.13, 0.31, 0.12];
    const epochs = train.map((loss, i) => [loss, evaluation[i]!] as const);
    const losses = stepsOf(train, 2.31, 79, 0.02).map(Math.abs);
    expect(kindOf(curveOf(losses, epochs), 0.03, 0.01).kind).toBe('healthy');
  });

  it('calls a run whose epochs still improve no plateau', () => {
    // Adam on all of CIFAR-10, of 782 steps an epoch: within the last one the loss hardly falls.
    const random = new RandomStream(0, 'shapes', 'cifar');
    const course = (x: number) =>
      x < 1 ? 1.2 + 1.1 * Math.exp(-4 * x) : x < 2 ? 1.36 - 0.16 * x : 1.025 - 0.01 * x;
    const losses = Array.from({ length: 3 * 782 }, (_, i) => course(i / 782) + 0.12 * random.normal());
    const epochs = [
      [1.46, 1.25],
      [1.12, 1.07],
      [0.99, 1.04],
    ] as const;
    expect(kindOf(curveOf(losses, epochs), 0.001, 0.001).kind).toBe('healthy');
  });

  it.each([
    ['the training loss falls', [2, 1.2, 0.9, 0.8, 0.7, 0.6, 0.5], 'overfitting', 'went on falling'],
    ['the training loss stays', [2, 1.2, 0.9, 0.9, 0.9, 0.9, 0.9], 'overfitting', 'did not'],
    [
      'the training loss rises',
      [2, 1.2, 0.9, 0.95, 1, 1.05, 1.1],
      'too_large',
      'and the training loss with it',
    ],
  ] as const)('never calls a rising evaluation loss healthy: %s', (_, train, kind, words) => {
    const evaluation = [2, 1.3, 1, 1.05, 1.1, 1.15, 1.2];
    const epochs = train.map((loss, i) => [loss, evaluation[i]!] as const);
    const found = kindOf(curveOf(stepsOf(train, 2.3, 60, 0.02), epochs), 0.01, 0.01);
    expect(found).toMatchObject({ kind, finding: expect.stringContaining(words) });
  });
});
