import { classification } from './classification.js';
import { regression } from './regression.js';
import type { Target, Task } from './task.js';

export {
  bareName,
  betterOf,
  isBetter,
  METRIC_NAMES,
  type MetricName,
  MONITORS,
  type Monitor,
  metricKind,
} from './metrics.js';
export {
  type ClassTarget,
  type Metric,
  type Metrics,
  metricsOf,
  type Sums,
  type Target,
  type Task,
  type ValueTarget,
} from './task.js';

/**
 * @param target what is to be said of each sample: `DataSpec.target`
 * @returns what is measured of how well a model says it
 */
export function createTask(target: Target): Task {
  switch (target.kind) {
    case 'class':
      return classification(target);
    case 'value':
      return regression(target);
  }
}
