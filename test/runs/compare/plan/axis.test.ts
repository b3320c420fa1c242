import { describe, expect, it } from 'vitest';
import {
  combinations,
  nameOfCombination,
  parseAxis,
  splitValues,
} from '../../../../src/runs/compare/plan/axis.js';

const axis = (key: string, ...values: string[]) => ({ text: `${key}=${values.join(',')}`, key, values });
const names = (...axes: ReturnType<typeof axis>[]) => combinations(axes).map(nameOfCombination);

describe('the values of an axis', () => {
  it.each([
    ['0.1,0.01', ['0.1', '0.01']],
    ['0.1', ['0.1']],
    ['[0.9, 0.99], [0.8, 0.9]', ['[0.9, 0.99]', '[0.8, 0.9]']],
    ['{ type: sgd, lr: 0.1 },{ type: adam }', ['{ type: sgd, lr: 0.1 }', '{ type: adam }']],
    ['"a,b",c', ['"a,b"', 'c']],
    ['1,,2', ['1', '', '2']],
  ])('%s: commas in brackets and quotes separate nothing', (text, values) => {
    expect(splitValues(text)).toEqual(values);
  });

  it.each([
    [['0', '01'], 'write lr=0.01, with a decimal point'],
    [['1', ''], 'leave out the comma'],
    [['1', '1'], 'leave one of them out'],
  ])('%j is most likely a mistake', (values, help) => {
    expect(JSON.stringify(parseAxis('lr', values))).toContain(help);
  });
});

describe('a grid', () => {
  it('has every combination, the last axis fastest', () => {
    expect(names(axis('optimizer.lr', '0.1', '0.01'), axis('loss.type', 'mse', 'l1'))).toEqual([
      'lr-0.1-mse',
      'lr-0.1-l1',
      'lr-0.01-mse',
      'lr-0.01-l1',
    ]);
  });

  it('names the whole key where two end alike, and keeps names fit for folders', () => {
    expect(names(axis('loader.limit', '5'), axis('evaluation.limit', '6'))).toEqual([
      'loader.limit-5-evaluation.limit-6',
    ]);
    expect(names(axis('optimizer.betas', '[0.9, 0.99]'))).toEqual(['betas-0.9-0.99']);
  });
});
