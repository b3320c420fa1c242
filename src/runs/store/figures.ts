import { isBetterLarger, METRICS, type Metric } from '../../config/index.js';
import type { EpochRecord } from './records.js';

/** Every metric of a run; null for what was never measured. */
export type Figures = Readonly<Record<Metric, number | null>>;

/** The key of an epoch's record that a metric is about. */
export type EpochKey = 'eval_accuracy' | 'eval_loss' | 'train_accuracy' | 'train_loss';

/** `eval_loss` for both `eval_loss` and `best_eval_loss`. */
export function keyOf(metric: Metric): EpochKey {
  return metric.replace(/^best_/, '') as EpochKey;
}

/**
 * @param epochs a run's epochs, in order
 * @returns the figures of the last one, and the best of all
 */
export function figuresOf(epochs: readonly EpochRecord[]): Figures {
  const figure = (metric: Metric): number | null => {
    const key = keyOf(metric);
    if (metric === key) return epochs.at(-1)?.[key] ?? null;
    const values = epochs.flatMap((epoch) => epoch[key] ?? []);
    if (values.length === 0) return null;
    return isBetterLarger(metric) ? Math.max(...values) : Math.min(...values);
  };
  return Object.fromEntries(METRICS.map((metric) => [metric, figure(metric)])) as Figures;
}
