import { type LossOptions, probabilitiesOf } from '../loss/index.js';
import { classification } from './classification.js';
import { nextToken } from './next-token.js';
import { regression } from './regression.js';
import type { Measure, Target, Task } from './task.js';

export {
  bareName,
  betterOf,
  EVALUATION_METRICS,
  isBetter,
  isShareOfSamples,
  METRIC_NAMES,
  type MetricName,
  type Metrics,
  MONITORS,
  type Monitor,
  metricKind,
  movesBySample,
} from './metrics.js';
export type {
  CalibrationBin,
  ClassDetail,
  ClassFigures,
  Detail,
  Readings,
  Scores,
  TokenDetail,
  TokenFigures,
  ValueDetail,
} from './scores.js';
export {
  type ClassTarget,
  type Measure,
  type Metric,
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
      return target.of === 'token' ? nextToken(target) : classification(target);
    case 'value':
      return regression(target);
  }
}

/**
 * @param target what is to be said of each sample
 * @param loss the kind of the loss: some metrics need the probabilities that it makes of outputs
 * @returns all that is known after an evaluation, the primary metric first; what is `evaluationOnly` training lacks
 */
export function measuredOf(target: Target, loss: LossOptions['type']): Measure[] {
  const task = createTask(target);
  const ofBoth = task.metrics.map(({ of: _, ...metric }): Measure => metric);
  return [...ofBoth, ...task.further(probabilitiesOf(loss))];
}
