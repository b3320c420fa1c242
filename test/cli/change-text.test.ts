import { expect, it } from 'vitest';
import { formatLr } from '../../src/base/format.js';
import { changeLines, changeText } from '../../src/cli/change-text.js';
import { describeData } from '../../src/cli/train/describe.js';
import type { Data } from '../../src/runs/train/prepare.js';

it('tells the difference of the figures that stand beside it', () => {
  const loss = { metric: 'eval_loss', value: 0.93514, baseline: 0.93246, margin: null } as const;
  expect(changeLines([{ ...loss, difference: 0.00268 }], 'runs/main')[1]).toBe(
    '  eval loss  0.9325 -> 0.9351  +0.0026',
  );
  const share = { metric: 'eval_accuracy', value: 0.500049, baseline: 0.500051, margin: null } as const;
  expect(changeText({ ...share, difference: -0.000002 })).toBe('-0.01 points');
  expect(changeText({ ...share, baseline: 0.50004, difference: 0.000009 })).toBe('0.00 points');
});

it('tells how many samples there are, and how many of them are used', () => {
  const of = (records: number, split: string) => ({
    spec: { input: { kind: 'image' } },
    identity: { name: 'shapes', records, split, source: 'generated' },
  });
  const data = { train: of(5000, 'train'), eval: of(1000, 'test') } as unknown as Data;
  const limits = { loader: { limit: 320 }, evaluation: { limit: 2000 } };
  expect(describeData(data, limits as Parameters<typeof describeData>[1])).toMatch(
    /^shapes: 320 of 5,000 train \w+, 1,000 test \w+ \(generated\)$/,
  );
  expect(describeData(data)).toMatch(/^shapes: 5,000 train /);
});

it('writes a learning rate in one form wherever it stands', () => {
  expect([0.01, 0.0009045, 0.00005, 1.2349e-5, 1e-7, 3, 1234567890].map(formatLr)).toEqual([
    '0.01',
    '0.0009045',
    '0.00005',
    '1.235e-5',
    '1e-7',
    '3',
    '1.235e9',
  ]);
});
