import { count, flag, type Guard, nullable, number, object } from '../base/guards.js';
import type { EpochFigures } from './events.js';
import type { Metrics, Task } from './task/index.js';

type Part = 'train' | 'eval';

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

/**
 * Reads the figures of an epoch that `flatFigures` has made flat, from a checkpoint.
 *
 * @param task whose metrics they have
 * @returns the guard
 */
export function figuresGuard({ metrics }: Task): Guard<EpochFigures> {
  const names = metrics.map(({ name }) => name);
  const each = <T>(part: Part, guard: Guard<T>) =>
    Object.fromEntries(names.map((name) => [keyOf(part, name), guard]));
  const fields = object<Record<string, unknown>>({
    ...{ epoch: count, step: count, runningLoss: number, trainLoss: number },
    ...each('train', number),
    ...{ lr: number, evalLoss: nullable(number) },
    ...each('eval', nullable(number)),
    best: flag,
  });
  return (value, path) => {
    const flat = fields(value, path);
    const named = (part: Part) => Object.fromEntries(names.map((name) => [name, flat[keyOf(part, name)]]));
    const evaluated = named('eval');
    const isKnown = Object.values(evaluated).every((metric) => metric !== null);
    const { epoch, step, runningLoss, trainLoss, lr, evalLoss, best } = flat;
    return {
      ...{ epoch, step, runningLoss, trainLoss, train: named('train') },
      ...{ lr, evalLoss, eval: isKnown ? evaluated : null, best },
    } as EpochFigures;
  };
}
