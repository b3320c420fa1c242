import {
  count,
  flag,
  type Guard,
  list,
  nullable,
  number,
  numberOrNaN,
  object,
  orElse,
} from '../base/guards.js';
import type { EpochFigures, TestFigures } from './events.js';
import { bareName, EVALUATION_METRICS, type Monitor, type Task } from './task/index.js';

type Part = 'train' | 'eval' | 'test';

/** `evalTop5Accuracy` for `top5_accuracy` of evaluation. */
const keyOf = (part: Part, name: string): string =>
  `${part}_${name}`.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/**
 * The figures of an epoch as checkpoints and records have them: in the places of `train` and `eval` each metric under a
 * name of its own, such as `trainAccuracy`.
 *
 * @param figures of an epoch, or its event
 * @returns the same, flat; of an evaluation that was not made, the metrics that training has too are null
 */
export function flatFigures(figures: EpochFigures): Record<string, unknown> {
  const { train, eval: evaluated } = figures;
  const flat = (part: Part, metrics: Readonly<Record<string, number | null>>) =>
    Object.entries(metrics).map(([name, value]) => [keyOf(part, name), value]);
  const none = Object.fromEntries(Object.keys(train).map((name) => [name, null]));
  return Object.fromEntries(
    Object.entries(figures).flatMap(([key, value]) => {
      if (key === 'train') return flat('train', train);
      return key === 'eval' ? flat('eval', evaluated ?? none) : [[key, value]];
    }),
  );
}

/** The figures of the end in the same way: `testLoss`, `testAccuracy`, beside the epoch that they are of. */
export function flatTestFigures({ epoch, loss, metrics }: TestFigures): Record<string, number> {
  const named = Object.entries({ loss, ...metrics }).map(([name, value]) => [keyOf('test', name), value]);
  return { epoch, ...Object.fromEntries(named) };
}

/** One of the figures of an epoch; null where it was not evaluated, or the figure is not defined. */
export function monitored(monitor: Monitor, figures: Omit<EpochFigures, 'best'>): number | null {
  if (monitor === 'train_loss') return figures.trainLoss;
  if (monitor === 'eval_loss') return figures.evalLoss;
  return figures.eval?.[bareName(monitor)] ?? null;
}

/**
 * Reads the figures of an epoch that `flatFigures` has made flat, from a checkpoint.
 *
 * @param task whose metrics they have
 * @returns the guard
 */
export function figuresGuard({ metrics }: Task): Guard<EpochFigures> {
  const names = metrics.map(({ name }) => name);
  const further = EVALUATION_METRICS.filter((name) => !names.includes(name));
  const figure: Guard<number | null | undefined> = nullable(number);
  // A share is always a number; what has a unit may be too large for one.
  const each = (part: Part, share: Guard<unknown>, value: Guard<unknown>) =>
    Object.fromEntries(
      metrics.map(({ name, display }) => [keyOf(part, name), display === 'share' ? share : value]),
    );
  const fields = object<Record<string, unknown>>({
    ...{ epoch: count, step: count, runningLoss: number, trainLoss: number },
    ...each('train', number, numberOrNaN),
    ...{ lr: number, groupLrs: orElse<unknown>(list(number), () => undefined), evalLoss: nullable(number) },
    ...each('eval', nullable(number), nullable(number)),
    // Checkpoints of older versions do not have them, nor those of an epoch that was not evaluated.
    ...Object.fromEntries(further.map((name) => [keyOf('eval', name), orElse(figure, () => undefined)])),
    best: flag,
  });
  return (value, path) => {
    const flat = fields(value, path);
    const named = (part: Part, all: readonly string[]) =>
      all.flatMap((name) => {
        const metric = flat[keyOf(part, name)];
        return metric === undefined ? [] : [[name, metric] as const];
      });
    const evaluated = named('eval', [...names, ...further]).map(([name, metric]) => [
      name,
      metric ?? Number.NaN,
    ]);
    const { epoch, step, runningLoss, trainLoss, lr, groupLrs, evalLoss, best } = flat;
    // Of an evaluation its loss is always a number.
    const isKnown = evalLoss !== null;
    return {
      ...{ epoch, step, runningLoss, trainLoss, train: Object.fromEntries(named('train', names)) },
      ...{ lr, ...(groupLrs !== undefined && { groupLrs }), evalLoss },
      ...{ eval: isKnown ? Object.fromEntries(evaluated) : null, best },
    } as EpochFigures;
  };
}
