import { appendFileSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { configSchema, configToYaml } from '../../../../src/config/index.js';
import { standingAt } from '../../../../src/runs/compare/tune/trials.js';
import { RunFolder } from '../../../../src/runs/store/folder.js';

const CONFIG = configToYaml(
  configSchema.parse({
    name: 'x',
    epochs: 3,
    dataset: { type: 'shapes' },
    model: [{ type: 'flatten' }, { type: 'linear', out_features: 10 }],
    optimizer: { type: 'sgd', lr: 0.01 },
  }),
);

/** A run of so many epochs, which may be lost in the next one. */
function runOf(epochs: number, isLost: boolean): RunFolder {
  const folder = new RunFolder(join(mkdtempSync(join(tmpdir(), 'standing-')), 'run'));
  mkdirSync(folder.path);
  writeFileSync(folder.config, CONFIG);
  const write = (line: object) => appendFileSync(folder.metrics, `${JSON.stringify(line)}\n`);
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const figures = { running_loss: 1, train_loss: 1, train_accuracy: 0.5, eval_loss: 1, eval_accuracy: 0.5 };
    write({ type: 'epoch', epoch, step: 10 * epoch, lr: 0.01, best: true, ...figures });
  }
  if (isLost) {
    const place = { phase: 'training', epoch: epochs + 1, step: 10 * epochs + 3 };
    write({ type: 'diverged', ...place, cause: 'steps', tensor: 'loss', lr: 0.01, suggested_lr: 0.001 });
  }
  return folder;
}

describe('standingAt', () => {
  it('is at a rung as it was there, whatever came after', () => {
    const held = standingAt(runOf(1, false), 1, 'eval_accuracy');
    expect(held).toEqual({ figure: 0.5, isGuess: false, loss: 1, steps: 10 });
    expect(standingAt(runOf(1, true), 1, 'eval_accuracy')).toEqual(held);
    expect(standingAt(runOf(1, true), 1, 'eval_accuracy', { status: 'failed', reason: 'killed' })).toEqual(
      held,
    );
  });

  it('is worst where it was lost on the way there', () => {
    const lost = standingAt(runOf(1, true), 3, 'eval_accuracy');
    expect(lost).toEqual({ figure: null, isGuess: false, loss: null, steps: 13 });
    const failed = standingAt(runOf(1, false), 3, 'eval_accuracy', { status: 'failed', reason: 'killed' });
    expect(failed).toMatchObject({ figure: null, steps: 10 });
  });
});
