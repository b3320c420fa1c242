import type { Metric } from '../../src/train/task/index.js';
import type * as metrics from '../../src/train/task/metrics.js';

/** A metric that is no share, and better when it is smaller: all that accuracy is not. */
export const MAE: Metric = {
  ...{ name: 'mae', label: 'mae', better: 'smaller', display: 'value', chance: null },
  of: ({ sum, counted }) => sum! / counted!,
};

/**
 * The metrics that tasks have, and `mae` too: for `vi.mock`.
 *
 * @param actual src/train/task/metrics.ts
 * @returns the same with one more
 */
export function withMae(actual: typeof metrics): typeof metrics {
  if (actual.METRIC_NAMES.some((name: string) => name === MAE.name)) return actual;
  const isMae = (figure: string) => /(^|_)mae$/.test(figure);
  return {
    ...actual,
    METRIC_NAMES: [...actual.METRIC_NAMES, MAE.name as metrics.MetricName],
    metricKind: (name) => (isMae(name) ? MAE : actual.metricKind(name)),
    betterOf: (figure) => (isMae(figure) ? MAE.better : actual.betterOf(figure)),
    isBetter: (figure, value, than) => (isMae(figure) ? value < than : actual.isBetter(figure, value, than)),
  };
}
