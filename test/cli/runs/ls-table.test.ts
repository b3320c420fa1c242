import { expect, it } from 'vitest';
import { tableThatFits } from '../../../src/cli/runs/ls-table.js';
import type { RunOverview } from '../../../src/runs/find/overview.js';

/** A run of classes, as far as the table looks at it. */
const run = (path: string) =>
  ({
    path,
    status: 'interrupted',
    bytes: 123_456,
    changed: new Date(0),
    problem: null,
    run: {
      epoch: 100,
      epochs: 100,
      figures: { eval_balanced_accuracy: 0.5, eval_loss: 1.25, test_balanced_accuracy: 0.5 },
      metrics: [{ name: 'balanced_accuracy' }],
      config: { optimizer: { type: 'adadelta' } },
      lr: 0.001,
      data: 'cifar10',
      parameters: 12_345,
      model: 'conv2d',
    },
  }) as unknown as RunOverview;

it.each([40, 50, 60, 80])('fits %i columns, with short names and long ones', (width) => {
  for (const names of [['a-shorter-name'], ['a', `b${'-and-so-on'.repeat(9)}`]]) {
    const { lines, leftOut } = tableThatFits(names.map(run), ['.'], width, (text) => text);
    expect(Math.max(...lines.map((line) => line.length)), lines.join('\n')).toBeLessThanOrEqual(width);
    expect(leftOut).toBeGreaterThan(0);
  }
});
