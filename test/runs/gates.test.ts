import { expect, it } from 'vitest';
import type { Metric } from '../../src/config/index.js';
import { checkFigures } from '../../src/runs/gates.js';
import type { Measured } from '../../src/runs/store/figures.js';
import { MAE as KIND } from '../../src/train/task/metrics.js';
import { classes } from '../helpers/tasks.js';

const MAE = { ...KIND, chance: null };

it('refuses figures of another task, before anything is trained for them', () => {
  const check = (metric: string, ofTask: readonly Measured[] = [MAE], hasTest = false) =>
    checkFigures([{ option: '--by', metric: metric as Metric }], ofTask, hasTest);
  expect(() => check('best_eval_mae')).not.toThrow();
  expect(() => check('train_loss')).not.toThrow();
  expect(() => check('eval_accuracy')).toThrow('--by: eval_accuracy is never known with these data.');
  expect(() => check('test_mae', [MAE], true)).not.toThrow();
  expect(() => check('test_mae')).toThrow(
    '--by: test_mae is never known, since no samples are left for the end.',
  );
  expect(() => check('eval_mae', [...classes(10).metrics])).toThrow('eval_mae is never known');
});
