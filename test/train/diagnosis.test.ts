import { describe, expect, it } from 'vitest';
import { PRESETS, presetNames } from '../../src/config/presets.js';
import { type DiagnosisInput, type DiagnosisKind, diagnose } from '../../src/train/diagnosis.js';
import {
  addStep,
  emptyCurve,
  type LossCurve,
  MOST_STRETCHES,
  readCurve,
} from '../../src/train/loss-curve.js';
import { USUAL_LR } from '../../src/train/optim/index.js';
import { RandomStream } from '../../src/train/random.js';
import { fixture } from '../helpers/fixtures.js';

interface Recorded {
  status: 'done' | 'diverged';
  lr: number;
  losses: number[];
  epochs: { train_loss: number; eval_loss: number }[];
}

/** Recorded by make_curves.mjs. */
const CURVES = fixture<Record<string, Recorded>>('curves.json');

function curveOf(losses: readonly number[], epochs: LossCurve['epochs'] = []): LossCurve {
  const curve = emptyCurve();
  for (const loss of losses) addStep(curve, loss);
  curve.epochs.push(...epochs);
  return curve;
}

const INPUT: Omit<DiagnosisInput, 'curve'> = {
  lr: 0.01,
  usualLr: 0.01,
  isScheduled: false,
  isNoisy: false,
  divergence: null,
};

const TYPES = /^(rmsprop|adamw|adam)|(adam)/;

/** The diagnosis of a recorded run, as the run itself gets it. */
function recorded(name: string, part = 1) {
  const { status, lr, losses, epochs } = CURVES[name]!;
  const type = (TYPES.exec(name)?.[0] ?? 'sgd') as keyof typeof USUAL_LR;
  const curve = curveOf(
    losses.slice(0, Math.ceil(losses.length * part)),
    epochs
      .slice(0, Math.floor(epochs.length * part))
      .map(({ train_loss, eval_loss }) => ({ trainLoss: train_loss, evalLoss: eval_loss })),
  );
  const divergence = status === 'diverged' ? ({ cause: 'steps', suggestedLr: lr / 10 } as const) : null;
  return diagnose({ ...INPUT, curve, lr, usualLr: USUAL_LR[type], divergence });
}

const GOLDEN = ['sgd', 'momentum', 'nesterov-wd', 'adam', 'adamw', 'rmsprop', 'rmsprop-centered-momentum'];

describe('diagnosis of the golden cases', () => {
  it.each(GOLDEN)('%s: too large at 100 times its learning rate, too slow at 1/100, else neither', (name) => {
    expect(recorded(`${name} x100`).kind).toMatch(/^(too_large|diverged)$/);
    expect(recorded(`${name} x0.01`).kind).toBe('too_slow');
    expect(recorded(`${name} x1`).kind).toBe(name === 'sgd' ? 'too_short' : 'healthy');
  });

  it.each(GOLDEN)('%s: the learning rate that it names leads towards the right one', (name) => {
    const { lr } = CURVES[`${name} x1`]!;
    expect(recorded(`${name} x100`).suggestedLr).toBeLessThanOrEqual(lr * 10.01);
    expect(recorded(`${name} x0.01`).suggestedLr).toBeGreaterThanOrEqual(lr / 10);
    expect(recorded(`${name} x0.01`).suggestedLr).toBeLessThanOrEqual(lr * 10.01);
  });
});

describe('diagnosis of recorded runs on shapes', () => {
  it.each<[string, DiagnosisKind]>([
    ['shapes 0.0003', 'too_slow'],
    ['shapes 0.03', 'healthy'],
    ['shapes 0.3', 'too_large'],
    ['shapes 8 epochs', 'healthy'],
    ['shapes adam', 'healthy'],
    ['shapes adam x100', 'too_large'],
    ['shapes adam x0.01', 'too_slow'],
    ['shapes overfitting', 'overfitting'],
    ['shapes label smoothing', 'healthy'],
    ['shapes plateau', 'plateau'],
  ])('%s: %s', (name, kind) => {
    expect(recorded(name).kind).toBe(kind);
  });
});

describe('rules of the diagnosis', () => {
  /** A curve of 400 steps; x from 0 to 1. */
  const made = (of: (x: number) => number, changes: Partial<DiagnosisInput> = {}) =>
    diagnose({ ...INPUT, curve: curveOf(Array.from({ length: 400 }, (_, i) => of(i / 399))), ...changes });
  const falling = (x: number) => 0.5 + 1.8 * Math.exp(-3 * x);
  const flat = (x: number) => 2.3 - 0.01 * x;

  it('says nothing of a few steps, or of none', () => {
    expect(diagnose({ ...INPUT, curve: curveOf([2.3, 2.2, 1.9]) }).kind).toBe('too_short');
    expect(diagnose({ ...INPUT, curve: emptyCurve() }).kind).toBe('too_short');
    // However short, a loss that has blown up says enough.
    const blownUp = diagnose({ ...INPUT, lr: 1, curve: curveOf([2.3, 9, 140, 95, 60]) });
    expect(blownUp).toMatchObject({ kind: 'too_large', suggestedLr: 0.01 });
    expect(diagnose({ ...INPUT, curve: curveOf([2.3, 9, 3, 2.4]) }).kind).toBe('too_short');
    expect(diagnose({ ...INPUT, isNoisy: true, curve: curveOf([0.1, 9, 140]) }).kind).toBe('too_short');
    expect(made((x) => -2 - x).kind).toBe('too_short');
  });

  it('finds a falling loss healthy, and gives it no other learning rate', () => {
    expect(made(falling)).toMatchObject({ kind: 'healthy', advice: null, suggestedLr: null });
  });

  it('tells a loss that rises again, and one that oscillates, to lower the learning rate', () => {
    expect(made((x) => (x < 0.5 ? 2.3 - 2 * x : 0.3 + 2 * x))).toMatchObject({
      kind: 'too_large',
      suggestedLr: 0.0033,
    });
    const oscillating = (x: number) => falling(x) + (Math.round(x * 399) % 40 === 7 ? 5 : 0);
    expect(made(oscillating)).toMatchObject({ kind: 'too_large', suggestedLr: 0.0033 });
    expect(made((x) => 2.3 + 40 * x, { lr: 0.001 })).toMatchObject({
      kind: 'too_large',
      suggestedLr: 0.0001,
    });
  });

  it('lets a run be that loses something within an epoch, and gains it again before the epoch is over', () => {
    const windows = [2.31, 2.3, 2.29, 2.28, 2.25, 2.1, 2.05, 1.95, 1.7, 1.6, 2.2, 1.7, 1.5, 1.1, 1.3, 1.1];
    const losses = windows.flatMap((loss) => Array.from({ length: 8 }, () => loss));
    const epochs = [2.295, 2.0875, 1.8, 1.25].map((trainLoss) => ({ trainLoss, evalLoss: trainLoss }));
    const kindWith = (of: LossCurve['epochs']) => diagnose({ ...INPUT, curve: curveOf(losses, of) }).kind;
    expect(kindWith(epochs)).toBe('healthy');
    expect(kindWith([...epochs.slice(0, 3), { trainLoss: 1.25, evalLoss: 1.9 }])).toBe('too_large');
  });

  it('takes the noise of single images for no oscillation', () => {
    // Losses of single images, exponentially distributed, whose mean falls from 2.3 to 1.1.
    const random = new RandomStream(0, 'shapes');
    const noisy = (steps: number) =>
      curveOf(
        Array.from(
          { length: steps },
          (_, i) => -Math.log(1 - random.float()) * (1.1 + 1.2 * (1 - i / steps) ** 2),
        ),
      );
    for (const steps of [1_000, 5_000, 50_000])
      expect(diagnose({ ...INPUT, isNoisy: true, curve: noisy(steps) }).kind).not.toBe('too_large');
  });

  it('judges a loss that hardly falls by the learning rate, and by how long it was tried', () => {
    expect(made(flat, { lr: 0.001 })).toMatchObject({ kind: 'too_slow', suggestedLr: 0.01 });
    expect(made(flat)).toMatchObject({ kind: 'too_short', suggestedLr: null });
    expect(made(flat, { lr: 0.1 })).toMatchObject({ kind: 'too_large', suggestedLr: 0.01 });
    const long = curveOf(Array.from({ length: 2000 }, (_, i) => flat(i / 2000)));
    expect(diagnose({ ...INPUT, curve: long })).toMatchObject({ kind: 'too_slow', suggestedLr: 0.03 });
  });

  it('calls no learning rate too large while the loss is on its way, however large it is', () => {
    // Plain sgd at 0.03 on shapes, 158 steps: at 0.1 it learns.
    const beginning = (x: number) => 2.306 - 0.054 * x ** 1.5;
    expect(made(beginning, { lr: 0.03 })).toMatchObject({
      kind: 'too_short',
      finding: 'The loss fell only 2.1 %: it has only begun.',
    });
  });

  it('calls no short run a plateau', () => {
    const flattened = (i: number) => 1.9 + 0.4 * Math.exp(-i / 10);
    const short = curveOf(Array.from({ length: 79 }, (_, i) => flattened(i)));
    expect(diagnose({ ...INPUT, curve: short })).toMatchObject({
      kind: 'too_short',
      finding: expect.stringContaining('so few steps do not tell'),
    });
  });

  it('advises a schedule where the loss has flattened, unless there is one or all is learnt', () => {
    const flattened = (x: number) => 0.5 + 1.8 * Math.exp(-20 * x);
    expect(made(flattened)).toMatchObject({ kind: 'plateau', suggestedLr: null });
    expect(made(flattened, { isScheduled: true }).kind).toBe('healthy');
    expect(made((x) => 0.01 + 2.29 * Math.exp(-20 * x)).kind).toBe('healthy');
  });

  it('finds overfitting where the evaluation loss rises for good while the training loss falls', () => {
    const losses = Array.from({ length: 400 }, (_, i) => falling(i / 399));
    const epochs = (evals: (number | null)[]) =>
      evals.map((evalLoss, i) => ({ trainLoss: 2 - i / 5, evalLoss }));
    const kind = (evals: (number | null)[]) =>
      diagnose({ ...INPUT, curve: curveOf(losses, epochs(evals)) }).kind;
    expect(kind([2, 1.5, 1.3, 1.5, 1.6, 1.8])).toBe('overfitting');
    expect(kind([2, 1.5, 1.4, 1.42, 1.45, 1.43])).toBe('healthy');
    expect(kind([2, 1.8, 1.6, 1.5, 1.3, 1.9])).toBe('healthy');
    expect(kind([null, null, null, null, null, null])).toBe('healthy');
  });

  it.each([
    ['images', 'train on more images, augment them (random_crop, random_flip), or add'],
    ['rows', 'train on more rows, or add'],
  ] as const)('gives advice on overfitting that suits %s', (unit, advice) => {
    const losses = Array.from({ length: 400 }, (_, i) => falling(i / 399));
    const evals = [2, 1.5, 1.3, 1.5, 1.6, 1.8];
    const epochs = evals.map((evalLoss, i) => ({ trainLoss: 2 - i / 5, evalLoss }));
    expect(diagnose({ ...INPUT, unit, curve: curveOf(losses, epochs) }).advice).toContain(advice);
  });

  it('leaves to a diverged run the learning rate that it was told', () => {
    const divergence = { cause: 'steps', suggestedLr: 0.003 } as const;
    expect(made(falling, { divergence })).toMatchObject({ kind: 'diverged', suggestedLr: 0.003 });
  });

  it.each(['nothing_counts', 'inputs', 'first_weights'] as const)(
    'blames no learning rate for %s',
    (cause) => {
      const { finding, advice, suggestedLr } = made(falling, { divergence: { cause, suggestedLr: null } });
      expect(suggestedLr).toBeNull();
      expect(`${finding} ${advice}`).not.toMatch(/lower|too large/i);
    },
  );
});

describe('the curve of losses', () => {
  it('is short however long the run, keeps every step, and survives a checkpoint at any step', () => {
    const losses = Array.from({ length: 12_345 }, (_, i) => 2 + Math.sin(i));
    const whole = curveOf(losses);
    expect(whole.stretches.length).toBeLessThanOrEqual(MOST_STRETCHES);
    expect(whole.stretches.reduce((sum, { steps }) => sum + steps, 0)).toBe(losses.length);
    const resumed = JSON.parse(JSON.stringify(curveOf(losses.slice(0, 4321)))) as LossCurve;
    for (const loss of losses.slice(4321)) addStep(resumed, loss);
    expect(resumed).toEqual(whole);
  });

  it('is recognised when it is whole, and not when it was damaged', () => {
    const curve = curveOf([2, 1], [{ trainLoss: 1.5, evalLoss: null }]);
    expect(readCurve(curve, 'curve')).toEqual(curve);
    for (const damage of [{ span: 0 }, { stretches: null }, { epochs: [{}] }, { first: 'two' }]) {
      expect(() => readCurve({ ...curve, ...damage }, 'curve')).toThrow(/^curve\.\w+/);
    }
    expect(() => readCurve(undefined, 'curve')).toThrow('curve is missing');
  });
});

it('the presets have the usual learning rates', () => {
  for (const name of presetNames) {
    const { type, lr } = PRESETS[name].optimizer;
    expect(lr).toBe(USUAL_LR[type]);
  }
});
