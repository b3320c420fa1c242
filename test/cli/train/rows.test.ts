import { describe, expect, it } from 'vitest';
import type { Io } from '../../../src/cli/io.js';
import { epochRows } from '../../../src/cli/train/rows.js';
import { styleFor } from '../../../src/cli/ui/style.js';
import type { EpochEvent } from '../../../src/train/events.js';

const plain = styleFor({}, {});
const terminal = (columns: number, rows = 24) =>
  ({ stdout: { columns, rows }, style: { out: plain, err: plain } }) as unknown as Io;

const CLASSES: EpochEvent = {
  type: 'epoch',
  epoch: 1,
  step: 10,
  runningLoss: 170.2144,
  trainLoss: 2.1623,
  train: { accuracy: 0.1902 },
  lr: 0.0009045,
  evalLoss: 1.9243,
  eval: { accuracy: 0.368, ece: 0.1 },
  best: true,
  trainSeconds: 1,
  evalSeconds: 1,
  samplesPerSecond: 8482.3,
};
const VALUES: EpochEvent = {
  ...CLASSES,
  train: { rmse: 0.9993, mae: 0.7369, r2: 0.668 },
  eval: { rmse: 0.7628, mae: 0.4515, r2: 0.8502 },
};
const RUN = { epochs: 20, noun: 'image', monitor: 'eval_loss' } as const;
const widest = (lines: readonly string[]) => Math.max(...lines.map((line) => line.length));

describe('epochs as rows', () => {
  it('have every figure of a classification in 80 columns, up to 999 epochs', () => {
    const rows = epochRows(terminal(80), { ...RUN, epochs: 999 });
    expect(rows(CLASSES).join('\n')).toMatchInlineSnapshot(`
      "          running    train               eval                        images
        epoch      loss     loss       acc     loss       acc         lr    per s
        1/999  170.2144   2.1623   19.02 %   1.9243   36.80 %  0.0009045    8,482 best"
    `);
    const extreme = {
      ...CLASSES,
      epoch: 999,
      runningLoss: 1798.21437,
      trainLoss: 9.8765e12,
      lr: 0.000002567,
    };
    const lines = rows({ ...extreme, train: { accuracy: 1 }, samplesPerSecond: 12_345_678 });
    expect(lines.join('\n')).toMatchInlineSnapshot(
      `"999/999  1798.214   9.9e12  100.00 %   1.9243   36.80 %   2.567e-6    12.3M best"`,
    );
    expect(widest(lines)).toBeLessThanOrEqual(80);
  });

  it('leave out what tells least where there is no room, and what chooses never', () => {
    const heads = [200, 100, 80, 60, 40].map((columns) => {
      const lines = epochRows(terminal(columns), { ...RUN, monitor: 'eval_r2' })(VALUES);
      expect(widest(lines)).toBeLessThanOrEqual(Math.max(columns, 50));
      return lines[1]!.trim().replace(/ +/g, ' ');
    });
    expect(heads).toMatchInlineSnapshot(`
      [
        "epoch loss loss rmse mae r2 loss rmse mae r2 lr per s",
        "epoch loss loss rmse loss rmse mae r2 lr per s",
        "epoch loss loss rmse loss rmse r2 lr",
        "epoch loss loss loss rmse r2",
        "epoch loss loss rmse r2",
      ]
    `);
  });

  it('have their heading again when it has scrolled away, and when there are more columns', () => {
    const rows = epochRows(terminal(80, 6), RUN);
    const count = (event: EpochEvent) => rows(event).length;
    const blind = { ...CLASSES, evalLoss: null, eval: null };
    expect([blind, blind, CLASSES, blind, CLASSES, CLASSES, CLASSES].map(count)).toEqual([
      3, 1, 3, 1, 1, 3, 1,
    ]);
  });
});
