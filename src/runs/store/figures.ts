import {
  type EpochMetric,
  figuresOfTask,
  isBetterLarger,
  isOfTest,
  type Metric,
} from '../../config/index.js';
import type { MetricName, Metric as TaskMetric } from '../../train/task/index.js';

/** The part of the data that a figure of an epoch is of. */
export type Part = 'train' | 'eval';

/** The key of an epoch's record that a metric is about. */
export type EpochKey = `${Part}_${MetricName | 'loss'}`;

/** The figures in an epoch's record. */
export type KeyedFigures = Readonly<Partial<Record<EpochKey, number | null>>>;

/** What the chosen weights are worth on the samples for the end: `test_accuracy`. The record may lack younger figures. */
export type TestRecord = Readonly<Record<string, number | null>>;

/** Figures of a run: those that its task has; null for what was never measured. */
export type Figures = Readonly<Partial<Record<Metric, number | null>>>;

/** What a run's task measures, as plain data: all but how it is made of sums. */
export type Measured = Omit<TaskMetric, 'of'>;

/** What figures are told of: a metric of a task. */
type Named = { readonly name: string };

/** `eval_accuracy` for `eval` and accuracy. */
export function keyFor(part: Part, { name }: Named): EpochKey {
  return `${part}_${name as MetricName}`;
}

/** `eval_loss` for both `eval_loss` and `best_eval_loss`. */
export function keyOf(metric: EpochMetric): EpochKey {
  return metric.replace(/^best_/, '') as EpochKey;
}

/** The part of the data that a metric is of. */
export function partOf(metric: EpochMetric): Part {
  return keyOf(metric).startsWith('eval') ? 'eval' : 'train';
}

/** Each metric once, of tasks that may have some in common. */
export function distinct<T extends Named>(metrics: readonly T[]): T[] {
  return metrics.filter(({ name }, i) => metrics.findIndex((metric) => metric.name === name) === i);
}

/**
 * @param epochs a run's epochs, in order
 * @param metrics of its task
 * @param test its figures of the end; null: there are none
 * @returns the figures of the last epoch, the best of all, and where there are any those of the end
 */
export function figuresOf(
  epochs: readonly KeyedFigures[],
  metrics: readonly Named[],
  test: TestRecord | null,
): Figures {
  const figure = (metric: Metric): number | null => {
    if (isOfTest(metric)) return test?.[metric] ?? null;
    const key = keyOf(metric);
    if (metric === key) return epochs.at(-1)?.[key] ?? null;
    const values = epochs.flatMap((epoch) => epoch[key] ?? []);
    if (values.length === 0) return null;
    return isBetterLarger(metric) ? Math.max(...values) : Math.min(...values);
  };
  return Object.fromEntries(figuresOfTask(metrics, test !== null).map((metric) => [metric, figure(metric)]));
}
