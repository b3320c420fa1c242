import { count, flag, type Guard, nullable, number, numberOrNaN, object } from '../base/guards.js';
import type { EpochFigures, TestFigures } from './events.js';
import type { Metrics, Task } from './task/index.js';

type Part = 'train' | 'eval' | 'test';

/** `evalTop5Accuracy` for `top5_accuracy` of evaluation. */
const keyOf = (part: Part, name: string): string =>
  `${part}_${name}`.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/**
 * The figures of an epoch as checkpoints and records have them: in the places of `train` and `eval` each metric under a
 * name of its own, such as `trainAccuracy`.
 *
 * @param figures of an epoch, or its event
 * @returns the same, flat; the metrics of an evaluation that was not made are null
 */
export function flatFigures(figures: EpochFigures): Record<string, unknown> {
  const { train, eval: evaluated } = figures;
  const flat = (part: Part, metrics: Metrics | null) =>
    Object.keys(train).map((name) => [keyOf(part, name), metrics === null ? null : metrics[name]]);
  return Object.fromEntries(
    Object.entries(figures).flatMap(([key, value]) => {
      if (key === 'train') return flat('train', train);
      return key === 'eval' ? flat('eval', evaluated) : [[key, value]];
    }),
  );
}

/** The figures of the end in the same way: `testLoss`, `testAccuracy`, beside the epoch that they are of. */
export function flatTestFigures({ epoch, loss, metrics }: TestFigures): Record<string, number> {
  const named = Object.entries({ loss, ...metrics }).map(([name, value]) => [keyOf('test', name), value]);
  return { epoch, ...Object.fromEntries(named) };
}

/**
 * Reads the figures of an epoch that `flatFigures` has made flat, from a checkpoint.
 *
 * @param task whose metrics they have
 * @returns the guard
 */
export function figuresGuard({ metrics }: Task): Guard<EpochFigures> {
  const names = metrics.map(({ name }) => name);
  // A share is always a number; what has a unit may be too large for one.
  const each = (part: Part, share: Guard<unknown>, value: Guard<unknown>) =>
    Object.fromEntries(
      metrics.map(({ name, display }) => [keyOf(part, name), display === 'share' ? share : value]),
    );
  const fields = object<Record<string, unknown>>({
    ...{ epoch: count, step: count, runningLoss: number, trainLoss: number },
    ...each('train', number, numberOrNaN),
    ...{ lr: number, evalLoss: nullable(number) },
    ...each('eval', nullable(number), nullable(number)),
    best: flag,
  });
  return (value, path) => {
    const flat = fields(value, path);
    const named = (part: Part) => Object.fromEntries(names.map((name) => [name, flat[keyOf(part, name)]]));
    const evaluated = Object.entries(named('eval')).map(([name, metric]) => [name, metric ?? Number.NaN]);
    const { epoch, step, runningLoss, trainLoss, lr, evalLoss, best } = flat;
    // Of an evaluation its loss is always a number.
    const isKnown = evalLoss !== null;
    return {
      ...{ epoch, step, runningLoss, trainLoss, train: named('train') },
      ...{ lr, evalLoss, eval: isKnown ? Object.fromEntries(evaluated) : null, best },
    } as EpochFigures;
  };
}
