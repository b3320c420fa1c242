import { describe, expect, it } from 'vitest';
import { markdown } from '../../../../src/cli/compare/show.js';
import { tableOf } from '../../../../src/cli/compare/table.js';
import { textTable } from '../../../../src/cli/ui/table.js';
import {
  configSchema,
  type EpochMetric,
  isGate,
  loadConfig,
  parseGate,
} from '../../../../src/config/index.js';
import { comparisonOf } from '../../../../src/runs/compare/ranking/comparison.js';
import { rankVariants } from '../../../../src/runs/compare/ranking/ranking.js';
import { resultsRecord } from '../../../../src/runs/compare/ranking/record.js';
import type { RunResult, VariantResult } from '../../../../src/runs/compare/ranking/results.js';
import { verdictOf } from '../../../../src/runs/compare/ranking/verdict.js';
import { page } from '../../../../src/runs/report/page.js';
import { figuresOf } from '../../../../src/runs/store/figures.js';
import type { RunRecord } from '../../../../src/runs/store/read.js';
import { createSource } from '../../../../src/train/data/sources/index.js';
import { MAE as KIND } from '../../../../src/train/task/metrics.js';

const MAE = { ...KIND, chance: null };

const CONFIG = configSchema.parse({
  name: 'x',
  dataset: { type: 'shapes' },
  epochs: 3,
  model: [{ type: 'flatten' }, { type: 'linear', out_features: 10 }],
  optimizer: { type: 'sgd', lr: 0.01 },
});
const { spec } = createSource({ type: 'shapes', trainSize: 1, evalSize: 1, seed: 0 });

interface Curve {
  readonly mae: readonly number[];
  readonly loss?: 'mse' | 'l1';
  readonly chance?: number;
}

/** A run whose task is not to tell classes apart: one second of training for each epoch. */
function run(name: string, { mae, loss = 'mse', chance }: Curve, seed: number): RunResult {
  const measured = [{ ...MAE, chance: chance ?? null }];
  const epochs = mae.map((value, i) => ({
    ...{ type: 'epoch', epoch: i + 1, step: i + 1, running_loss: 0, lr: 0.01, best: false },
    ...{ train_loss: value * 2, train_mae: value, eval_loss: value * 4, eval_mae: value },
  }));
  const identity = { name: 'houses', split: 'train', source: 'x', records: 100, sha256: 'a'.repeat(64) };
  const record = {
    ...{ path: name, name, spec, metrics: measured, layers: [], diverged: null, epochs },
    config: { ...CONFIG, seed, loss: { type: loss, reduction: 'mean' } },
    resolved: loadConfig({ config: { ...CONFIG, seed } }),
    start: {
      ...{ type: 'start', parameters: 10, init_sha256: 'weights', order_sha256: 'order' },
      ...{ train: identity, eval: identity },
    },
    steps: [{ type: 'step', epoch: 1, step: 1, loss: 9, lr: 0.01, grad_norm: null }],
    timings: epochs.map(({ epoch }) => ({ type: 'timing', epoch, train_seconds: 1, eval_seconds: 0 })),
    summary: { status: 'done', epochs: mae.length, diagnosis: null },
  } as unknown as RunRecord;
  const figures = figuresOf(record.epochs, measured, null);
  return { name, path: name, seed, status: 'done', reason: null, record, metrics: measured, figures };
}

const variant = (name: string, ...curves: Curve[]): VariantResult => ({
  ...{ name, summary: null, runs: curves.map((curve, seed) => run(name, curve, seed)) },
});

const GOOD = variant('good', { mae: [0.5, 0.4, 0.2] });
const SLOW = variant('slow', { mae: [0.7, 0.6, 0.5] });
const BOTH = [SLOW, GOOD];

describe('a metric that is better when it is smaller', () => {
  it('ranks, and is what is to be reached', () => {
    const { by, variants, target } = rankVariants(BOTH);
    expect([by, ...variants.map(({ name }) => name)]).toEqual(['eval_mae', 'good', 'slow']);
    expect(variants[1]!.behind?.mean).toBeCloseTo(0.3);
    expect(target).toEqual({ metric: 'eval_mae', bound: 0.5 });
    expect(variants.map(({ toTarget }) => toTarget?.epochs)).toEqual([1, 3]);
    // The best and the worst of a run change places.
    const unsteady = variant('unsteady', { mae: [0.1, 0.6, 0.6] });
    const best = rankVariants([GOOD, unsteady], { by: 'best_eval_mae' as EpochMetric });
    expect(best.best?.name).toBe('unsteady');
  });

  it('is to be reached by whoever learned something, where it is known what guessing reaches', () => {
    const known = [[0.9], [0.5], [0.3]].map((mae, i) => variant(`${i}`, { mae, chance: 1 }));
    expect(rankVariants(known)).toMatchObject({ target: { bound: 0.5 }, onlyGuessing: null });
    const guessing = rankVariants([variant('a', { mae: [0.95], chance: 1 })]);
    expect(guessing).toMatchObject({ target: null, onlyGuessing: 1 });
    expect(verdictOf(guessing).overall[0]).toBe(
      'None has learnt: a is first with eval mae 0.9500, and guessing has a mae of 1.0000.',
    );
    expect(rankVariants([variant('a', { mae: [1.5], chance: 1 })]).target).toBeNull();
  });

  it('is asked for by targets and gates', () => {
    const [target, gate] = ['eval_mae<=0.45', 'slow.eval_mae<=0.45'].map(parseGate).filter(isGate);
    const { variants } = rankVariants(BOTH, { target: { metric: 'eval_mae', bound: target!.bound } });
    expect(variants.map(({ toTarget }) => toTarget?.epochs)).toEqual([2, undefined]);
    const { gates } = comparisonOf(BOTH, { title: 'x', shared: false, gates: [target!, gate!] });
    expect(gates.map(({ passed, value }) => [passed, value])).toEqual([
      [true, 0.2],
      [false, 0.5],
      [false, 0.5],
    ]);
  });

  it('is put into words, as a plain number', () => {
    const { overall, variants } = verdictOf(rankVariants(BOTH));
    expect(overall[0]).toBe(
      'Use good: it ends best, with eval mae 0.2000, and is the first at eval mae ≤ 0.5000.',
    );
    expect(variants.get('slow')![0]).toBe('0.3000 behind good');
    const shaky = variant('shaky', { mae: [0.3, 0.22, 0.3] });
    expect(
      verdictOf(rankVariants([GOOD, shaky]))
        .variants.get('shaky')!
        .at(-1),
    ).toMatch(/^had eval mae 0\.2200 after epoch 2 and got worse again: a lower optimizer\.lr/);
    const seeds = [0.5, 0.51, 0.53].map((value) => ({ mae: [value] }));
    const several = rankVariants([
      variant('a', ...seeds),
      variant('b', ...seeds.map(() => ({ mae: [0.4] }))),
    ]);
    expect(verdictOf(several).variants.get('a')![0]).toMatch(/^0\.1133 ± 0\.0\d{3} behind b$/);
  });

  it('stands in the table', () => {
    const lines = textTable(tableOf(rankVariants(BOTH)), (text) => text, 80);
    expect(lines.join('\n')).toMatchInlineSnapshot(`
      "   variant  eval mae  eval loss  best loss        to 0.5000  trained
      1  good       0.2000     0.8000  0.8000 @3   1 epoch, 1.0 s    3.0 s
      2  slow       0.5000     2.0000  2.0000 @3  3 epochs, 3.0 s    3.0 s"
    `);
    const l1 = variant('l1', { mae: [0.3], loss: 'l1' });
    const text = markdown(comparisonOf([GOOD, l1], { title: 'x', shared: false }));
    expect(text).toContain('ranked by eval mae at the end; to 0.3000: ');
    expect(text).toContain('the losses are of different kinds: their values cannot be compared, mae can');
    expect(text).not.toContain('accura');
  });

  it('is on record, and no metric of another task', () => {
    const record = resultsRecord(comparisonOf(BOTH, { title: 'x', shared: false }));
    expect(record).toMatchObject({ ranked_by: 'eval_mae', target: { metric: 'eval_mae', bound: 0.5 } });
    const [first] = record.variants as { figures: object; runs: { figures: object }[] }[];
    expect(first!.figures).toMatchObject({ eval_mae: { mean: 0.2 }, best_train_mae: { mean: 0.2 } });
    expect(first!.runs[0]!.figures).toMatchObject({ eval_mae: 0.2, train_mae: 0.2, eval_loss: 0.8 });
    expect(JSON.stringify(record)).not.toContain('accura');
  });

  it('has its columns and its chart in the report', () => {
    const runs = BOTH.map(({ runs: [of], name }, line) => ({
      ...{ record: of!.record!, label: name, line, predicted: { kind: 'none', reason: 'None.' } as const },
    }));
    const text = page(runs, { title: 'x', lead: [], mistakes: true });
    expect(text).toContain('Results by run. Mae is that of evaluation;');
    expect(text).toContain('<th scope="col">Final mae</th><th scope="col">Best mae</th>');
    expect(text).toContain('<td class="best"><strong>0.2000</strong>');
    expect(text).toContain('<figcaption id="mae-caption">Mae by epoch</figcaption>');
    expect(text).toContain('good, evaluation: 0.5000 at epoch 1, 0.2000 at 3');
    expect(text.replace(/<(script|style)>[\s\S]*?<\/\1>/g, '')).not.toMatch(/accura/i);
  });
});
