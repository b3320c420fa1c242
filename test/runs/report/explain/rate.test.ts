import { describe, expect, it } from 'vitest';
import { neighboursOf, nextOf, triedText } from '../../../../src/runs/report/explain/neighbours.js';
import { effectText, isConstant, scheduleText } from '../../../../src/runs/report/explain/rate.js';
import { verdictOf } from '../../../../src/runs/report/explain/verdict.js';
import { learningRate } from '../../../../src/runs/report/sections/learning-rate.js';
import type { RunRecord } from '../../../../src/runs/store/read.js';
import { recordOf } from './helpers.js';

const CONSTANT = ['schedule.type=constant'];
const tenEach = (...lrs: number[]) => lrs.flatMap((lr) => Array<number>(10).fill(lr));
const ended = (lr: number, accuracy: number, more: Partial<Parameters<typeof recordOf>[1]> = {}) =>
  recordOf([`optimizer.lr=${lr}`], { lrs: tenEach(lr), losses: [1], accuracies: [accuracy], ...more });
const sectionOf = (...records: RunRecord[]) =>
  `${learningRate(records.map((record, line) => ({ record, label: `run ${line}`, line })))}`;

describe('the schedule of a run', () => {
  it.each([
    ['0.01 at every step', CONSTANT, tenEach(0.01, 0.01)],
    ['0.1 at first, down to 0.001 by step 21', CONSTANT, tenEach(0.1, 0.01, 0.001, 0.001)],
    ['0.001 at first, up to 0.1 by step 21', CONSTANT, tenEach(0.001, 0.01, 0.1)],
    [
      '0.001 at first, up to 0.1 by step 11, and down to 0.01 by step 21',
      CONSTANT,
      tenEach(0.001, 0.1, 0.01),
    ],
    [
      '0.1 at first, between 0.01 and 0.1, up again 2 times, 0.01 at the end',
      CONSTANT,
      tenEach(0.1, 0.01, 0.1, 0.01, 0.05, 0.01),
    ],
  ])('is told as %s', (course, overrides, lrs) => {
    expect(scheduleText(recordOf(overrides, { lrs }))).toBe(
      `sgd with optimizer.lr=0.001, no schedule: ${course}.`,
    );
  });

  it('has the learning rates of groups', () => {
    const groups = ['optimizer.groups=[{layers: [1], lr: 0.01}, {parameters: "3.b*", lr: 0.02}]'];
    const record = recordOf(groups, { lrs: tenEach(0.1, 0.01), groupLrs: [0.1, 0.5], losses: [2, 1] });
    expect(scheduleText(record)).toMatch(
      / Group 1 \(layers 1\) had 0\.001 to 0\.01; group 2 \(3\.b\*\) had 0\.005 to 0\.05\.$/,
    );
    const html = sectionOf(record);
    expect(html).toContain('run 0, group 1 (layers 1)');
    expect(html).toContain('Dashed: the learning rates of the optimizer&#39;s groups.');
  });

  it('is a chart where it changes, and a line of text where it does not', () => {
    const [still, falls] = [recordOf([], { lrs: tenEach(0.1) }), recordOf([], { lrs: tenEach(0.1, 0.01) })];
    expect([isConstant(still), isConstant(falls)]).toEqual([true, false]);
    expect(sectionOf(still)).not.toContain('<figure');
    expect(sectionOf(still)).toContain('0.1 at every step');
    expect(sectionOf(still, falls)).toContain('<figure');
  });
});

describe('what a learning rate did', () => {
  it.each([
    ['fell from 2.0000 in the first epoch to 1.0000 in the last.', tenEach(0.1, 0.1), [2, 1]],
    ['rose from 1.0000 in the first epoch to 2.0000 in the last.', tenEach(0.1, 0.1), [1, 2]],
    [
      'fell from 2.0000 in the first epoch to 0.4000 in the last: to 1.0000 by epoch 2 with 0.1, to 0.4000 by epoch 4 with 0.01.',
      tenEach(0.1, 0.1, 0.01, 0.01),
      [2, 1, 0.5, 0.4],
    ],
    [
      'fell from 2.0000 in the first epoch to 0.3000 in the last, most of it in epoch 3, which ended with a learning rate of 0.06.',
      tenEach(0.1, 0.08, 0.06, 0.04),
      [2, 1.9, 0.4, 0.3],
    ],
  ])('%s', (text, lrs, losses) => {
    expect(effectText(recordOf([], { lrs, losses }))).toBe(`The training loss ${text}`);
  });

  it('is not known of a run without an epoch', () => {
    expect(effectText(recordOf([], { lrs: [0.1] }))).toBeNull();
  });
});

describe('the verdict of a run', () => {
  const diagnosis = { kind: 'too_slow', finding: 'It fell 1 %.', advice: 'Raise it.', suggested_lr: 0.03 };

  it('is that of its training', () => {
    const record = ended(0.01, 0.5, { diagnosis });
    expect(verdictOf(record)).toEqual({
      title: 'too slow',
      text: 'It fell 1 %. Raise it. Try: optimizer.lr=0.03',
    });
    const diverged: RunRecord['diverged'] = {
      type: 'diverged',
      phase: 'training',
      epoch: 1,
      step: 7,
      cause: 'steps',
      tensor: 'x',
      lr: 1,
      suggested_lr: 0.1,
    };
    expect(verdictOf(ended(1, 0, { diverged })).text).toBe(
      'At step 7, with a learning rate of 1. The loss left the finite numbers. Lower the learning rate. Try: optimizer.lr=0.1',
    );
    expect(verdictOf(ended(1, 0, { status: 'interrupted' }))).toEqual({
      title: null,
      text: 'Not judged: the run is interrupted.',
    });
  });

  it('is followed by a comparison to make, where it is healthy and no other rate was tried', () => {
    const healthy = { kind: 'healthy', finding: 'It fell.', advice: null, suggested_lr: null };
    expect(sectionOf(ended(0.01, 0.5, { diagnosis: healthy }))).toContain(
      'lossnet compare optimizer.lr=0.0033,0.01,0.03 --config runs/optimizer.lr=0.01/config.yaml',
    );
    expect(sectionOf(ended(0.01, 0.5, { diagnosis }))).not.toContain('lossnet compare');
  });

  it('is not contradicted by what was tried', () => {
    const tooLarge = { ...diagnosis, kind: 'too_large' };
    const html = sectionOf(ended(0.01, 0.3), ended(0.1, 0.5, { diagnosis: tooLarge }));
    expect(html).toContain('Take optimizer.lr=0.1: it was tried and ended better');
    expect(html).not.toContain('a larger one may be better still');
  });
});

describe('the neighbours of a learning rate', () => {
  const [low, mid, high] = [ended(0.01, 0.3), ended(0.03, 0.8), ended(0.1, 0.5)];
  const next = (record: RunRecord, all: readonly RunRecord[]) =>
    nextOf(neighboursOf(record, all)!, 'optimizer.lr')?.text;

  it('are the runs that differ in nothing else', () => {
    const others = [
      recordOf(['optimizer.lr=0.3', 'loader.batch_size=7'], {}),
      recordOf(['optimizer.lr=1', 'seed=2'], { losses: [1], accuracies: [0.1] }),
    ];
    expect(triedText(neighboursOf(mid, [low, mid, high, ...others])!)).toBe(
      'Tried with nothing else changed, eval accuracy at the end by learning rate: 0.01 30.00 %; 0.03 (this one) 80.00 %; 0.1 50.00 %; 1 10.00 %.',
    );
    expect(neighboursOf(mid, [mid, others[0]!])).toBeNull();
  });

  it('tell what to try', () => {
    const all = [low, mid, high];
    expect(next(mid, all)).toBe(
      'Both the next smaller and the next larger one that were tried ended worse: the best lies between 0.01 and 0.1.',
    );
    expect(next(low, all)).toBe(
      'Take optimizer.lr=0.03: it was tried and ended better, with 80.00 % against 30.00 %.',
    );
    expect(next(mid, [low, mid])).toMatch(
      /^The largest that was tried is the best: .* Try: optimizer\.lr=0\.09$/,
    );
    expect(next(mid, [mid, high])).toMatch(
      /^The smallest that was tried is the best: .* Try: optimizer\.lr=0\.01$/,
    );
    expect(next(mid, [mid, ended(0.1, 0.8)])).toBeUndefined();
  });

  it('may have diverged', () => {
    const hot = ended(1, 0, { diverged: {} as never });
    expect(triedText(neighboursOf(high, [high, hot])!)).toContain('0.1 (this one) 50.00 %; 1 diverged');
    expect(next(hot, [high, hot])).toBe(
      'Take optimizer.lr=0.1: it was tried and ended better, with 50.00 %.',
    );
  });
});
