import { expect, it, vi } from 'vitest';
import type { Metric } from '../../src/config/index.js';
import { checkFigures } from '../../src/runs/gates.js';
import type * as metrics from '../../src/train/task/metrics.js';
import { MAE } from '../helpers/mae.js';
import { classes } from '../helpers/tasks.js';

vi.mock('../../src/train/task/metrics.js', async (load) => {
  const { withMae } = await import('../helpers/mae.js');
  return withMae(await load<typeof metrics>());
});

it('refuses figures of another task, before anything is trained for them', () => {
  const check = (metric: string, ofTask = [MAE]) =>
    checkFigures([{ option: '--by', metric: metric as Metric }], ofTask);
  expect(() => check('best_eval_mae')).not.toThrow();
  expect(() => check('train_loss')).not.toThrow();
  expect(() => check('eval_accuracy')).toThrow('--by: eval_accuracy is never known with these data.');
  expect(() => check('eval_mae', [...classes(10).metrics])).toThrow('eval_mae is never known');
});
