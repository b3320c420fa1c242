import { expect, it, vi } from 'vitest';
import type * as metrics from '../../src/train/task/metrics.js';
import { inTemporaryFolder, MINIMAL, problemsOf } from './helpers.js';

vi.mock('../../src/train/task/metrics.js', async (load) => {
  const { withMae } = await import('../helpers/mae.js');
  const actual = withMae(await load<typeof metrics>());
  const MONITORS = [...new Set([...actual.MONITORS, 'eval_mae' as metrics.Monitor])];
  return { ...actual, MONITORS };
});

inTemporaryFolder();

it.each([
  ['checkpoint: { monitor: eval_mae }', 'checkpoint.monitor: eval_mae'],
  ['schedule: { type: reduce_on_plateau, monitor: eval_mae }', 'schedule.monitor: eval_mae'],
  ['expect: [eval_loss<=1, best_train_mae<=1]', 'expect.1: best_train_mae'],
])('a figure of another task is refused: %s', (block, problem) => {
  expect(problemsOf(`${MINIMAL}${block}\n`)).toEqual([
    expect.stringMatching(
      new RegExp(
        `^${problem} is never known of a model for shapes → figures there: eval_accuracy, eval_loss, `,
      ),
    ),
  ]);
});
