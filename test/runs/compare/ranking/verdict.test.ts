import { describe, expect, it } from 'vitest';
import { tableOf } from '../../../../src/cli/compare/table.js';
import { markdownTable, textTable } from '../../../../src/cli/ui/table.js';
import { type ConfigYaml, configSchema } from '../../../../src/config/index.js';
import { fairnessOf } from '../../../../src/runs/compare/ranking/fairness.js';
import { rankVariants } from '../../../../src/runs/compare/ranking/ranking.js';
import type { RunResult, VariantResult } from '../../../../src/runs/compare/ranking/results.js';
import { verdictOf } from '../../../../src/runs/compare/ranking/verdict.js';
import { figuresOf } from '../../../../src/runs/store/figures.js';
import type { RunRecord } from '../../../../src/runs/store/read.js';
import type { EpochRecord } from '../../../../src/runs/store/records.js';
import { createSource } from '../../../../src/train/data/sources/index.js';
import { createTask } from '../../../../src/train/task/index.js';

const CONFIG: ConfigYaml = configSchema.parse({
  name: 'x',
  dataset: { type: 'shapes' },
  model: [{ type: 'flatten' }, { type: 'linear', out_features: 10 }],
  optimizer: { type: 'sgd', lr: 0.01 },
});

const { spec: SPEC } = createSource({ type: 'shapes', trainSize: 1, evalSize: 1, seed: 0 });
const { metrics } = createTask(SPEC.target);

interface Curve {
  accuracy: number[];
  evalLoss?: number[];
  trainLoss?: number[];
  seed?: number;
  diverged?: { step: number; suggested_lr: number };
  diagnosis?: { kind: string; finding: string; advice: string | null; suggested_lr: number | null };
  config?: Partial<ConfigYaml>;
  /** Learning rate of each epoch. */
  lrs?: number[];
  evalSamples?: number;
  order?: string;
  /** SHA-256 of the images that it was evaluated on, and trained on. */
  images?: { eval?: string; train?: string };
}

/** A run with these figures, two seconds of training for each epoch. */
function run(name: string, curve: Curve): RunResult {
  const { accuracy, diverged, seed = 0 } = curve;
  const trainLoss = curve.trainLoss ?? accuracy.map((value) => 2 - value);
  const evalLoss = curve.evalLoss ?? trainLoss;
  const epochs = accuracy.map(
    (value, i): EpochRecord => ({
      type: 'epoch',
      epoch: i + 1,
      step: i + 1,
      running_loss: 0,
      train_loss: trainLoss[i]!,
      train_accuracy: value,
      lr: curve.lrs?.[i] ?? 0.01,
      eval_loss: evalLoss[i]!,
      eval_accuracy: value,
      best: false,
    }),
  );
  const record = {
    path: name,
    name,
    config: { ...CONFIG, ...curve.config, seed },
    spec: SPEC,
    metrics,
    start: {
      type: 'start',
      init_sha256: `weights ${seed}`,
      order_sha256: curve.order ?? `order ${seed}`,
      train: { name: 'shapes', split: 'train', records: 5000, sha256: curve.images?.train ?? 'aaaa' },
      eval: {
        name: 'shapes',
        split: 'test',
        records: curve.evalSamples ?? 1000,
        sha256: curve.images?.eval ?? 'bbbb',
      },
    },
    steps: [{ type: 'step', loss: 2.3 }],
    layers: [],
    epochs,
    timings: epochs.map(({ epoch }) => ({ type: 'timing', epoch, train_seconds: 2 })),
    diverged: diverged ? { type: 'diverged', ...diverged } : null,
    summary: { status: diverged ? 'diverged' : 'done', diagnosis: curve.diagnosis },
  } as unknown as RunRecord;
  const status = diverged ? 'diverged' : 'done';
  return {
    name,
    path: name,
    seed,
    status,
    reason: null,
    record,
    metrics,
    figures: figuresOf(epochs, metrics, null),
  };
}

const variant = (name: string, ...curves: Curve[]): VariantResult => ({
  name,
  summary: null,
  runs: curves.map((curve, seed) => run(name, { seed, ...curve })),
});
const about = (name: string, ...variants: VariantResult[]) =>
  verdictOf(rankVariants(variants)).variants.get(name);

const GOOD = variant('good', { accuracy: [0.3, 0.4, 0.6] });
const QUICK = variant('quick', { accuracy: [0.5, 0.52, 0.51] });
const DUD = variant('dud', { accuracy: [0.1, 0.1, 0.11], trainLoss: [2.29, 2.28, 2.27] });

describe('the ranking', () => {
  it('goes by the accuracy at the end, or by what is asked for', () => {
    const names = (by?: 'best_eval_accuracy' | 'eval_loss') =>
      rankVariants([DUD, QUICK, GOOD], { by }).variants.map(({ name }) => name);
    expect(names()).toEqual(['good', 'quick', 'dud']);
    const early = variant('early', { accuracy: [0.7, 0.2, 0.2] });
    expect(rankVariants([GOOD, early], { by: 'best_eval_accuracy' }).best?.name).toBe('early');
    expect(names('eval_loss')).toEqual(['good', 'quick', 'dud']);
  });

  it('has what diverged at its end, without a rank', () => {
    const hot = variant('hot', { accuracy: [0.9], diverged: { step: 7, suggested_lr: 0.001 } });
    const { variants } = rankVariants([hot, DUD]);
    expect(variants.map(({ name, rank }) => [name, rank])).toEqual([
      ['dud', 1],
      ['hot', null],
    ]);
    expect(about('hot', hot, DUD)).toEqual(['diverged at step 7: lower optimizer.lr to 0.001']);
  });
});

describe('the target', () => {
  it('is none where nothing has learnt, and nobody is praised for a start', () => {
    const lucky = variant('lucky', { accuracy: [0.12, 0.115, 0.1], trainLoss: [2.29, 2.28, 2.27] });
    expect(rankVariants([lucky, DUD]).target).toBeNull();
    // Nor for a target that somebody named and chance has reached.
    const target = { metric: 'eval_accuracy', bound: 0.11 } as const;
    const ranking = rankVariants([lucky, DUD], { target });
    expect(
      Object.fromEntries(ranking.variants.map(({ name, toTarget }) => [name, toTarget?.epochs])),
    ).toEqual({ lucky: 1, dud: 3 });
    expect([...verdictOf(ranking).variants.values()].flat().join()).not.toContain('fastest');
    expect(verdictOf(ranking).overall.join()).not.toMatch(/quick|first at/);
    // Of few samples more may be luck: of 22 images, 6 of them right.
    const few = { accuracy: [6 / 22, 5 / 22], evalSamples: 22 };
    const less = { ...few, accuracy: [1 / 22, 1 / 22] };
    expect(rankVariants([variant('few', few), variant('less', less)]).target).toBeNull();
  });

  it('is what the worst variant reached that learned something', () => {
    const { target, variants } = rankVariants([GOOD, QUICK, DUD]);
    expect(target).toEqual({ metric: 'eval_accuracy', bound: 0.52 });
    expect(variants.map(({ toTarget }) => toTarget)).toEqual([
      { reached: 1, steps: 3, epochs: 3, seconds: 6 },
      { reached: 1, steps: 2, epochs: 2, seconds: 4 },
      null,
    ]);
  });

  it('is none where nothing learned more than chance', () => {
    expect(rankVariants([variant('a', { accuracy: [0.05] }), variant('b', { accuracy: [0.1] })]).target).toBe(
      null,
    );
  });

  it('of several seeds every one has to reach it', () => {
    const twice = variant('twice', { accuracy: [0.2, 0.5] }, { accuracy: [0.45, 0.3] });
    const { target, variants } = rankVariants([twice, GOOD]);
    expect(target?.bound).toBe(0.45);
    expect(variants.find(({ name }) => name === 'twice')?.toTarget).toEqual({
      reached: 2,
      steps: 1.5,
      epochs: 1.5,
      seconds: 3,
    });
  });
});

describe('the verdict', () => {
  it('names the best, and another one that starts faster', () => {
    expect(verdictOf(rankVariants([GOOD, QUICK])).overall).toEqual([
      'Use good: it ends best, with eval accuracy 60.00 %.',
      'One seed each: a small lead can be luck. --seeds 3 tells whether it is more.',
      'For a quick result quick: eval accuracy 52.00 % after 2 epochs, good after 3 epochs.',
    ]);
    expect(about('quick', GOOD, QUICK)).toEqual([
      '9.00 points behind good',
      'fastest start: eval accuracy 52.00 % after 2 epochs',
    ]);
  });

  it('says what to try: from the diagnosis of the run, where that is healthy from the best one', () => {
    const diagnosis = {
      kind: 'too_slow',
      finding: 'The loss fell only 1 %.',
      advice: 'Raise it.',
      suggested_lr: 0.03,
    };
    const told = variant('x', { accuracy: [0.4], diagnosis });
    expect(about('x', GOOD, told)?.at(-1)).toBe('the loss fell only 1 %. Raise it. Try: optimizer.lr=0.03');
    expect(about('dud', GOOD, DUD)?.at(-1)).toBe('too slow with optimizer.lr 0.01: raise it to 0.1');
    const healthy = { kind: 'healthy', finding: 'The loss fell.', advice: null, suggested_lr: null };
    const rising = variant('x', { accuracy: [0.4, 0.5], diagnosis: healthy });
    expect(about('x', GOOD, rising)?.at(-1)).toContain('still improving when it ended');
  });

  it('advises no learning rate that a neighbour shows to be worse, and names one that is better', () => {
    const at = (lr: number) => ({ optimizer: { ...CONFIG.optimizer, lr } });
    const slow = { accuracy: [0.1, 0.1, 0.2], trainLoss: [2.29, 2.28, 2.27] };
    const [low, best, high] = [
      variant('lr-0.01', { ...slow, config: at(0.01) }),
      variant('lr-0.1', { accuracy: [0.3, 0.5, 0.6], config: at(0.1) }),
      variant('lr-1', { accuracy: [0.1, 0.1, 0.1], trainLoss: [2.3, 2.29, 2.28], config: at(1) }),
    ];
    const all = [low, best, high] as const;
    expect(about('lr-0.01', ...all)?.at(-1)).toBe('lr-0.1, with a higher optimizer.lr, does better');
    // Above it nothing was tried: yet a lower one is better, so that raising it is no advice either.
    expect(about('lr-1', ...all)?.at(-1)).toBe('lr-0.1, with a lower optimizer.lr, does better');
    const worse = variant('lr-0.001', { ...slow, accuracy: [0.1, 0.1, 0.1], config: at(0.001) });
    expect(
      about(
        'lr-0.01',
        low,
        variant('lr-0.1', { ...slow, accuracy: [0.1, 0.1, 0.15], config: at(0.1) }),
        GOOD,
      )?.join(),
    ).not.toMatch(/raise|does better/);
    expect(about('lr-0.001', worse, ...all)?.at(-1)).toBe('lr-0.1, with a higher optimizer.lr, does better');

    const lost = (lr: number, suggested_lr: number) =>
      variant(`lr-${lr}`, { accuracy: [0.1], config: at(lr), diverged: { step: 3, suggested_lr } });
    expect(about('lr-10', lost(10, 1), lost(1, 0.1), GOOD)?.[0]).toBe(
      'diverged at step 3: good, with a lower optimizer.lr, got to the end',
    );
    expect(about('lr-10', lost(10, 1), lost(1, 0.1))?.[0]).toBe(
      'diverged at step 3: lower optimizer.lr to 0.1',
    );
  });

  it('is none while a variant is not finished', () => {
    const [only] = QUICK.runs;
    const open: VariantResult = { ...QUICK, runs: [{ ...only!, status: 'unfinished' }] };
    expect(verdictOf(rankVariants([open, GOOD])).overall).toEqual([
      'Not decided: quick is not finished.',
      'Of the others good is ahead, with eval accuracy 60.00 %.',
    ]);
    const failed: VariantResult = { ...DUD, runs: [{ ...DUD.runs[0]!, status: 'failed' }] };
    const { overall, variants } = verdictOf(rankVariants([failed, open, GOOD]));
    expect(overall[0]).toBe('Not decided: quick is not finished; dud failed.');
    expect(variants.get('good')?.[0]).toBe('best of those at the end');
    expect(verdictOf(rankVariants([failed, failed])).overall).toEqual([
      'No variant got to the end: dud and dud failed.',
    ]);
  });

  it('recommends nothing where every variant only guesses', () => {
    const lost = variant('lost', { accuracy: [0.1, 0.12] });
    expect(verdictOf(rankVariants([lost, DUD])).overall[0]).toBe(
      'None has learnt: lost is first with eval accuracy 12.00 %, and guessing has an accuracy of 10.00 %.',
    );
  });

  it('promises no advice where all were too short to tell', () => {
    const diagnosis = { kind: 'too_short', finding: 'Too short.', advice: 'Longer.', suggested_lr: null };
    const short = variant('short', { accuracy: [0.11], diagnosis });
    expect(verdictOf(rankVariants([short])).overall[1]).toBe(
      'What to change cannot be told yet: train longer, or look for a learning rate with lossnet lr-find.',
    );
    const slow = variant('slow', { accuracy: [0.1], diagnosis: { ...diagnosis, kind: 'too_slow' } });
    expect(verdictOf(rankVariants([short, slow])).overall[1]).toMatch(
      /^What to change is said of each below/,
    );
  });

  it('says of a healthy run that it has lost what it had', () => {
    const shaky = variant('shaky', { accuracy: [0.5, 0.58, 0.49] });
    expect(about('shaky', GOOD, shaky)?.at(-1)).toMatch(
      /^had 58\.00 % after epoch 2 and lost some of it again/,
    );
  });

  it('gives no advice of what was done already, against the diagnosis, or for a few samples', () => {
    const accuracy = [0.5, 0.58, 0.49];
    const healthy = { kind: 'healthy', finding: 'x', advice: null, suggested_lr: null };
    const last = (curve: Partial<Curve>) =>
      about('shaky', GOOD, variant('shaky', { accuracy, ...curve }))?.at(-1);
    const had = 'had 58.00 % after epoch 2 and lost some of it again';
    const lower = 'a lower optimizer.lr';
    expect(last({})).toBe(`${had}: ${lower}, or one that falls (a schedule), steadies it`);
    expect(last({ diagnosis: healthy })).toBe(`${had}: an optimizer.lr that falls (a schedule) steadies it`);
    const lrs = [0.01, 0.005, 0.001];
    expect(last({ lrs })).toBe(`${had}: ${lower} steadies it`);
    expect(last({ lrs, diagnosis: healthy })).toBe(had);
    expect(last({ evalSamples: 74 })).not.toContain('lost some');
  });

  it('over several seeds says what most of them show, and how many do', () => {
    const seed = (kind: string, finding: string, accuracy: number[]) => ({
      accuracy,
      diagnosis: { kind, finding, advice: null, suggested_lr: null },
    });
    const healthy = seed('healthy', 'The loss fell.', [0.3, 0.55]);
    const [large, slow] = [seed('too_large', 'It jumps.', [0.3]), seed('too_slow', 'It creeps.', [0.3])];
    expect(about('x', GOOD, variant('x', healthy, slow, slow))?.at(-1)).toBe('with 2 of 3 seeds: it creeps');
    expect(about('x', GOOD, variant('x', slow, slow))?.at(-1)).toBe('it creeps');
    expect(about('x', GOOD, variant('x', slow, large, large))?.at(-1)).toBe('with 2 of 3 seeds: it jumps');
    const many = { ...healthy, evalSamples: 10_000 };
    const one = { ...many, accuracy: [0.5, 0.58, 0.49] };
    const other = { ...many, accuracy: [0.5, 0.5, 0.57] };
    expect(about('x', GOOD, variant('x', one, other))?.at(-1)).not.toMatch(/^had/);
    expect(about('x', GOOD, variant('x', one, one, other))?.at(-1)).toMatch(/^had 55\.33 % after epoch 2 /);
  });

  it('over several seeds says whether a lead is significant', () => {
    const at = (...values: number[]) => values.map((value) => ({ accuracy: [value] }));
    const best = variant('best', ...at(0.6, 0.62, 0.61));
    const close = variant('close', ...at(0.61, 0.59, 0.6));
    const far = variant('far', ...at(0.4, 0.42, 0.412));
    const verdict = verdictOf(rankVariants([far, close, best]));
    expect(verdict.overall[1]).toBe('Not significantly better than close: over 3 seeds, that can be luck.');
    expect(verdict.variants.get('close')?.[0]).toMatch(
      /^1\.00 ± \d\.\d\d points behind best: not significant over 3 seeds$/,
    );
    expect(verdict.variants.get('far')?.[0]).toMatch(/^19\.93 ± 0\.29 points behind best$/);
    expect(verdictOf(rankVariants([far, best])).overall[1]).toBe(
      'Significantly better than far over 3 seeds.',
    );
  });
});

describe('fairness', () => {
  it('is that weights and batches are the same, for each seed', () => {
    expect(fairnessOf([GOOD, QUICK])).toEqual({
      seeds: [{ seed: 0, init_sha256: 'weights 0', order_sha256: 'order 0' }],
      same_weights: true,
      same_batches: true,
      recorded: true,
      differing: [],
    });
  });

  it('is not claimed where they differ', () => {
    const loader = { ...CONFIG.loader, batch_size: 8 };
    const small = variant('small', { accuracy: [0.5], order: 'other', config: { loader } });
    expect(fairnessOf([GOOD, small])).toMatchObject({
      same_weights: true,
      same_batches: false,
      differing: ['loader.batch_size'],
    });
  });
});

describe('the table', () => {
  it('as text and as Markdown', () => {
    const table = tableOf(rankVariants([GOOD, DUD]));
    expect(textTable(table, (text) => text, 80).join('\n')).toMatchInlineSnapshot(`
      "   variant  eval acc  eval loss  best loss       to 60.00 %  trained
      1  good      60.00 %     1.4000  1.4000 @3  3 epochs, 6.0 s    6.0 s
      2  dud       11.00 %     2.2700  2.2700 @3            never    6.0 s"
    `);
    expect(textTable(table, (text) => text, 55)[1]).toBe('1  good      60.00 %     1.4000  3 epochs, 6.0 s');
    expect(textTable(table, (text) => text, 10)[1]).toBe('1  good      60.00 %  3 epochs, 6.0 s');
    const long = {
      ...table,
      rows: table.rows.map(([rank, , ...rest]) => [rank!, 'a-name-that-goes-on-and-on', ...rest]),
    };
    expect(textTable(long, (text) => text, 50)[1]).toBe('1  a-name-that-goes-on…   60.00 %  3 epochs, 6.0 s');
    expect(markdownTable(table)[2]).toBe(
      '| 1 | good | 60.00 % | 1.4000 | 1.4000 @3 | 3 epochs, 6.0 s | 6.0 s |',
    );
  });
});

describe('figures of different images', () => {
  const limited = (limit: number) => ({ evaluation: { ...CONFIG.evaluation, limit } });
  const few = variant('few', { accuracy: [0.3, 0.9], config: limited(50) });
  const other = variant('other', { accuracy: [0.3, 0.8], images: { eval: 'cccc' } });
  const same = variant('same', { accuracy: [0.3, 0.7], config: limited(1000) });

  it('are not ranked, and it is said whose are of which', () => {
    const ranking = rankVariants([GOOD, few, other]);
    expect([ranking.best, ranking.target]).toEqual([null, null]);
    expect(ranking.variants.map(({ name, rank }) => [name, rank])).toEqual([
      ['good', null],
      ['few', null],
      ['other', null],
    ]);
    const { overall, variants } = verdictOf(ranking);
    expect(overall).toEqual([
      'Not ranked: eval accuracy is of different images, so that it does not tell which variant is better.',
      'Measured were good on 1,000 test images of shapes (sha256 bbbb); few on the first 50 of 1,000 test images of shapes (sha256 bbbb); other on 1,000 test images of shapes (sha256 cccc).',
      'For an order, train them with the same dataset and evaluation.limit.',
    ]);
    expect(variants.get('few')?.[0]).toBe(
      'not ranked: its eval accuracy is of the first 50 of 1,000 test images of shapes (sha256 bbbb)',
    );
    expect(tableOf(ranking).rows.map(([rank]) => rank)).toEqual(['-', '-', '-']);
  });

  it('are so only where a figure decides that is of them', () => {
    expect(rankVariants([GOOD, same]).best?.name).toBe('same');
    expect(rankVariants([GOOD, few, other], { by: 'train_loss' }).best?.name).toBe('few');
    const trained = variant('trained', { accuracy: [0.3, 0.7], images: { train: 'dddd' } });
    expect(rankVariants([GOOD, trained]).best?.name).toBe('trained');
    expect(rankVariants([GOOD, trained], { by: 'train_accuracy' }).best).toBeNull();
  });

  it('of a variant that did not get to the end do not keep the others from being ranked', () => {
    const lost = variant('lost', {
      accuracy: [0.3],
      images: { eval: 'cccc' },
      diverged: { step: 3, suggested_lr: 0.001 },
    });
    expect(rankVariants([GOOD, same, lost]).best?.name).toBe('same');
  });
});
