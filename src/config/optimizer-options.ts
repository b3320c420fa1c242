import { type Grouping, type OptimizerOptions, withMomentum } from '../train/optim/index.js';
import type { Config } from './plan.js';

/** An optimizer whose momentum is cycled needs one from the start: it makes no buffer for it later. */
export function optimizerOptions({ optimizer, schedule }: Config): OptimizerOptions & Grouping {
  if (schedule.type !== 'one_cycle' || !schedule.cycleMomentum) return optimizer;
  return withMomentum(optimizer, schedule.maxMomentum) ?? optimizer;
}
