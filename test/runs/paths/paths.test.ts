import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LADDER, paths } from '../../../src/runs/paths/paths.js';
import { planPaths } from '../../../src/runs/paths/plan.js';
import { TINY, workspace } from '../../helpers/cli.js';
import { fixture } from '../../helpers/fixtures.js';
import { expectWithin } from '../../helpers/margin.js';

interface Case {
  surface: string;
  what: string[];
  lr: number;
  points: Record<string, [number, number]>;
}

const { cases, steps } = fixture<{ cases: Case[]; steps: number }>('paths.json');

it('tells of nothing that nobody has named', () => {
  const told: unknown[] = [];
  const options = { config: undefined, steps: 10, onProgress: (notice: unknown) => void told.push(notice) };
  const planned = planPaths(['optimizer.type=adam,sgd'], { ...options, maxVariants: 2 });
  expect(planned.map(({ name, isLrNamed }) => [name, isLrNamed])).toEqual([
    ['adam', false],
    ['sgd', false],
  ]);
  expect(told).toEqual([]);
  expect(() => planPaths([], { ...options, maxVariants: 1 })).toThrow(
    'This would be 4 variants, and --max-variants allows 1.',
  );
});

describe('the paths of torch.optim', () => {
  it.each(cases)('$surface $what', async ({ surface, what, lr, points }) => {
    const found = await paths(surface, [...what, `optimizer.lr=${lr}`], { steps });
    const [variant] = found!.variants;
    expect(variant).toMatchObject({ lr, isLrNamed: true, ladder: [] });
    for (const [step, expected] of Object.entries(points)) {
      const actual = variant!.paths[0]!.points[Number(step)]!;
      for (const [i, value] of expected.entries()) {
        // What float32 rounds adds up from step to step.
        const tolerance = 2e-6 * Number(step) * Math.max(1, Math.abs(value));
        expectWithin(Math.abs(actual[i]! - value), tolerance, `step ${step}, ${'xy'[i]}`);
      }
    }
  });
});

describe('learning rates', () => {
  it('are chosen from the ladder where none is named: no other arrives sooner', async () => {
    const found = await paths('ravine', ['sgd', 'adam'], { steps: 100, ladder: true });
    for (const { lr, paths: own, ladder, isLrNamed } of found!.variants) {
      expect(isLrNamed).toBe(false);
      expect(ladder.map((walk) => walk.lr)).toEqual(LADDER);
      const arrivals = ladder.flatMap((walk) => walk.paths[0]!.reachedAt ?? []);
      expect(own[0]!.reachedAt).toBe(Math.min(...arrivals));
      expect(ladder.find((walk) => walk.lr === lr)!.paths).toEqual(own);
    }
  });

  it('are those of a configuration, a run, the environment and the command line where they say one', async () => {
    const cwd = workspace({ 'tiny.yaml': TINY });
    const run = join(cwd, 'old');
    mkdirSync(run);
    writeFileSync(join(run, 'config.yaml'), TINY.replace('lr: 0.003', 'lr: 0.25'));
    const of = async (what: string[], options = {}) =>
      (await paths('bowl', what, { steps: 5, ...options }))!.variants.map((variant) => [
        variant.name,
        variant.optimizer.type,
        variant.schedule,
        variant.isLrNamed ? variant.lr : null,
      ]);
    expect(await of([join(cwd, 'tiny.yaml')])).toEqual([['tiny', 'adam', 'cosine', 0.003]]);
    expect(await of([run])).toEqual([['old', 'adam', 'cosine', 0.25]]);
    expect(await of(['sgd'], { config: join(cwd, 'tiny.yaml') })).toEqual([['sgd', 'sgd', 'cosine', null]]);
    expect(await of(['optimizer.momentum=0.9'], { env: { LOSSNET_OPTIMIZER__LR: '0.5' } })).toEqual([
      ['sgd', 'sgd', 'constant', 0.5],
    ]);
    expect((await of(['seed=3'])).map(([name]) => name)).toEqual(['sgd', 'momentum', 'rmsprop', 'adam']);
    expect(await of(['optimizer.type=sgd,adagrad', 'optimizer.lr=0.5'])).toEqual([
      ['sgd', 'sgd', 'constant', 0.5],
      ['adagrad', 'adagrad', 'constant', 0.5],
    ]);
  });

  it('of one_cycle is max_lr, named or tried', async () => {
    const cycle = ['sgd', 'schedule.type=one_cycle'];
    const named = await paths('bowl', [...cycle, 'schedule.max_lr=0.5'], { steps: 20 });
    expect(named!.variants[0]).toMatchObject({ lr: 0.5, isLrNamed: true });
  });
});

describe('a path', () => {
  it('is named divergent at the step that led out of bounds, and ends there', async () => {
    const found = await paths('bowl', ['sgd', 'optimizer.lr=3'], { steps: 50 });
    const [path] = found!.variants[0]!.paths;
    // x is multiplied by 1 - lr: 4 * 2^12 is the first beyond 1000 times the width of 10.
    expect(path).toMatchObject({ divergedAt: 12, reachedAt: null });
    expect(path!.points.length).toBe(13);
    expect(path!.points[12]![0]).toBe(-4 * 2 ** 12);
  });

  it('has arrived when it stays, not when it passes by', async () => {
    const found = await paths('bowl', ['momentum', 'optimizer.lr=0.1'], { steps: 200 });
    const { reachedAt, values } = found!.variants[0]!.paths[0]!;
    const first = values.findIndex((value) => value <= 1e-3);
    expect(first).toBeLessThan(reachedAt!);
    expect(values[reachedAt! - 1]).toBeGreaterThan(1e-3);
    expect(Math.max(...values.slice(reachedAt!))).toBeLessThanOrEqual(1e-3);
  });

  it('over noise is that of the seed, which is the same for every optimizer', async () => {
    const of = async (seed: number) =>
      (await paths('noisy-bowl', ['sgd', 'nesterov', 'optimizer.lr=0.01', `seed=${seed}`], {
        steps: 3,
      }))!.variants.map((variant) => variant.paths[0]!.points);
    const [[sgd, nesterov], [again], [other]] = [await of(1), await of(1), await of(2)];
    expect(again).toEqual(sgd);
    expect(other).not.toEqual(sgd);
    // The first step of nesterov is 1 + momentum times that of plain descent.
    expect((nesterov![1]![0] - nesterov![0]![0]) / (sgd![1]![0] - sgd![0]![0])).toBeCloseTo(1.9, 4);
  });
});
