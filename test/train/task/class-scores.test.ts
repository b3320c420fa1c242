import { describe, expect, it } from 'vitest';
import { createLoss } from '../../../src/train/loss/index.js';
import { type ClassDetail, measuredOf, type Scores } from '../../../src/train/task/index.js';
import { fixture } from '../../helpers/fixtures.js';
import { expectWithin } from '../../helpers/margin.js';
import { type Block, lossOf } from '../../helpers/options.js';
import { classes } from '../../helpers/tasks.js';

interface Case {
  readonly name: string;
  readonly targets: readonly number[];
  readonly outputs: readonly (readonly number[])[];
  readonly ignore: number | null;
  readonly probabilities: 'softmax' | 'sigmoids';
  /** null: not defined, or with another rule for equal outputs. */
  readonly figures: Readonly<Record<string, number | null>>;
  /** Precision, recall, f1 and support of each class. */
  readonly classes: readonly (readonly number[])[];
  readonly confusion: readonly (readonly number[])[];
}

const { cases } = fixture<{ cases: readonly Case[] }>('classification.json');

/** The scores of a case whose samples come in batches of a size. */
function scoresOf({ targets, outputs }: Case, loss: Block, size: number): Scores {
  const scores = classes(outputs[0]!.length).scores(createLoss(lossOf(loss)));
  for (let first = 0; first < targets.length; first += size) {
    const said = Float32Array.from(outputs.slice(first, first + size).flat());
    scores.add(said, Int32Array.from(targets.slice(first, first + size)));
  }
  return scores;
}

/** Losses that make the same probabilities, whatever samples weigh in them. */
function lossesOf({ probabilities, ignore, outputs }: Case): Block[] {
  if (probabilities === 'sigmoids') return [{ type: 'bce_with_logits' }];
  const ignored = ignore === null ? {} : { ignore_index: ignore };
  const weight = outputs[0]!.map((_, c) => c / 2);
  return [
    { type: 'cross_entropy', ...ignored },
    { type: 'cross_entropy', ...ignored, weight, label_smoothing: 0.2 },
    { type: 'nll', ...ignored, weight, reduction: 'sum' },
    ...(ignore === null ? [{ type: 'kl_div' }] : []),
  ];
}

describe.each(cases)('$name', (recorded) => {
  const sizes = [1000, 1, 7];

  it('has the figures of scikit-learn, in batches of any size, whatever samples weigh in the loss', () => {
    const width = recorded.outputs[0]!.length;
    for (const [loss, size] of lossesOf(recorded).flatMap((block) => sizes.map((n) => [block, n] as const))) {
      const metrics = scoresOf(recorded, loss, size).metrics();
      const named = measuredOf(
        { kind: 'class', names: recorded.outputs[0]!.map(String) },
        lossOf(loss).type,
      ).filter(({ evaluationOnly }) => evaluationOnly);
      expect(Object.keys(metrics)).toEqual(named.map(({ name }) => name));
      expect('auroc' in metrics).toBe(width === 2);
      expect('top5_accuracy' in metrics).toBe(width > 5);
      for (const [name, value] of Object.entries(metrics)) {
        const expected = recorded.figures[name] ?? null;
        if (expected === null) expect(value).toBeNaN();
        else expectWithin(Math.abs(value - expected), 1e-9, `${name} is ${value}, should be ${expected}`);
      }
    }
  });

  it('has the figures of each class, and which are taken for which', () => {
    const detail = scoresOf(recorded, lossesOf(recorded)[0]!, 7).detail() as ClassDetail;
    expect(detail.confusion).toEqual(recorded.confusion);
    const each = detail.classes.map(({ precision, recall, f1, support }) => [precision, recall, f1, support]);
    expect(each.flat()).toHaveLength(recorded.classes.flat().length);
    recorded.classes.flat().forEach((value, i) => {
      expect(each.flat()[i]).toBeCloseTo(value, 12);
    });
    const samples = recorded.targets.filter((target) => target !== recorded.ignore).length;
    expect(detail.calibration!.reduce((sum, bin) => sum + bin.samples, 0)).toBe(samples);
  });
});

describe('scores of classes', () => {
  it('are those that need no probabilities where the loss makes none', () => {
    const names = Array.from({ length: 10 }, (_, i) => `${i}`);
    const namesOf = (type: 'mse' | 'nll' | 'bce_with_logits', count: number) =>
      measuredOf({ kind: 'class', names: names.slice(0, count) }, type).map(({ name }) => name);
    const plain = ['balanced_accuracy', 'macro_f1'];
    expect(namesOf('mse', 10)).toEqual(['accuracy', 'top5_accuracy', ...plain]);
    expect(namesOf('mse', 5)).toEqual(['accuracy', ...plain]);
    expect(namesOf('mse', 2)).toEqual(['accuracy', ...plain]);
    expect(namesOf('nll', 2)).toEqual(['accuracy', ...plain, 'auroc', 'log_loss', 'ece']);
    expect(namesOf('bce_with_logits', 3)).toEqual(['accuracy', ...plain, 'log_loss', 'ece']);
    const scores = scoresOf(cases[0]!, { type: 'mse' }, 7);
    expect((scores.detail() as ClassDetail).calibration).toBeNull();
    expect(Object.keys(scores.metrics())).toEqual(plain);
  });

  it('take the first of equal outputs for the greater, as accuracy does', () => {
    const scores = classes(6).scores(createLoss(lossOf({ type: 'cross_entropy' })));
    scores.add(new Float32Array(12), Int32Array.of(4, 5));
    expect(scores.metrics()).toMatchObject({ top5_accuracy: 0.5, balanced_accuracy: 0 });
    expect(scores.metrics().log_loss).toBeCloseTo(Math.log(6), 12);
  });

  it('know how to go on where outputs are far from each other', () => {
    for (const type of ['cross_entropy', 'bce_with_logits']) {
      const scores = classes(2).scores(createLoss(lossOf({ type })));
      scores.add(Float32Array.of(1e4, -1e4, -1e4, 1e4, 1e4, -9e3), Int32Array.of(0, 1, 1));
      const { log_loss: loss, auroc, ece } = scores.metrics();
      // A probability of 0 in float64 is no infinite loss.
      expect(loss).toBeCloseTo(type === 'cross_entropy' ? 19_000 / 3 : 3000, 6);
      expect([auroc, ece]).toEqual([1, 1 / 3]);
    }
  });

  it('are no numbers where outputs are none, or nothing counts', () => {
    const scores = classes(2).scores(createLoss(lossOf({ type: 'cross_entropy', ignore_index: 0 })));
    expect(Object.values(scores.metrics())).toEqual(new Array(5).fill(Number.NaN));
    scores.add(Float32Array.of(Number.NaN, 1), Int32Array.of(0));
    expect(Object.values(scores.metrics())).toEqual(new Array(5).fill(Number.NaN));
    const broken = classes(2).scores(createLoss(lossOf({ type: 'cross_entropy' })));
    broken.add(Float32Array.of(Number.NaN, 1, 0, 1), Int32Array.of(0, 1));
    const { balanced_accuracy: balanced, ...likely } = broken.metrics();
    expect(balanced).toBe(1);
    expect([likely.auroc, likely.log_loss, likely.ece]).toEqual(new Array(3).fill(Number.NaN));
  });
});
