import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../../../src/config/index.js';
import { parseTune } from '../../../../src/runs/compare/tune/asked.js';

const keysOf = (...texts: string[]) => parseTune(texts).map(({ key, values }) => [key, values]);

function problemsOf(...texts: string[]): [string, ...string[]][] {
  try {
    parseTune(texts);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(({ message, help }) => [message, ...help]);
    throw error;
  }
  throw new Error('nothing is wrong');
}

describe('parseTune', () => {
  it('reads keys, ranges and values, several behind one another', () => {
    expect(keysOf('lr')).toEqual([['lr', null]]);
    expect(keysOf('optimizer.lr,optimizer.momentum')).toEqual([
      ['optimizer.lr', null],
      ['optimizer.momentum', null],
    ]);
    expect(keysOf('optimizer.lr=1e-5..10,optimizer.momentum=0, 0.9')).toEqual([
      ['optimizer.lr', { low: 1e-5, high: 10 }],
      ['optimizer.momentum', ['0', '0.9']],
    ]);
    expect(keysOf('optimizer.betas=[0.9, 0.99],[0.8, 0.9]', 'lr')).toEqual([
      ['optimizer.betas', ['[0.9, 0.99]', '[0.8, 0.9]']],
      ['lr', null],
    ]);
  });

  it('says all that is wrong at once, and what to write instead', () => {
    expect(
      problemsOf('optimizer.lr=10..1e-3', 'optimizer.momentum=0..0.9,lr=0.1', 'epochs', 'loss.type=mse,mse'),
    ).toEqual([
      ['optimizer.lr: the range 10..1e-3 is upside down', 'write optimizer.lr=0.001..10'],
      [
        'optimizer.momentum: a range is spaced by equal factors, and none leads from or to 0',
        'begin above 0, such as optimizer.momentum=1e-5..0.9; or name the values: optimizer.momentum=0,0.5,0.9',
      ],
      [
        'lr has one value, 0.1, and there is nothing to choose',
        'name several: lr=0.1,0.01; or a range: lr=0.001..1; or set it for all without --tune: lr=0.1',
      ],
      [
        'epochs is not tuned: all trials have the same data, length and seed, so that they can be compared',
        'tune what decides how a step is made, such as lr or optimizer.weight_decay',
      ],
      ['loss.type has the value mse twice', 'leave one of them out'],
    ]);
  });

  it.each([
    ['optimizer.lr=-1..1', 'none leads from or to -1'],
    ['lr=abc', 'has one value, abc'],
    ['optimizer.lr=1..1', 'is a single value'],
    ['optimizer.lr=a..b', 'is no range of numbers'],
    ['optimizer.lr=1..2..3', 'is no range of numbers'],
    ['optimizer.lr=..3', 'is no range of numbers'],
    ['optimizer.lr=0.1,,1', 'a value of optimizer.lr is empty'],
    ['lr=', 'lr has no value'],
    ['lr=0.1,0.10', 'lr has the value 0.1 twice'],
    ['', 'a key is missing'],
    ['optimizer lr', 'is not the path of a key'],
    ['loader.limit=10,20', 'all trials have the same data'],
    ['loader.batch_size', 'decides how many steps an epoch has'],
    ['accumulate=1,2', 'decides how many steps an epoch has'],
    ['parallel.average=1,2', 'how processes share the work'],
    ['dataset.seed=1,2', 'dataset.seed is not tuned'],
  ])('refuses %s', (text, message) => {
    expect(problemsOf(text)[0]![0]).toContain(message);
  });

  it('does not advise what is no number', () => {
    expect(problemsOf('lr=abc')[0]![1]).toBe('name several numbers: lr=0.1,0.01; or a range: lr=0.001..1');
    expect(problemsOf('loss.type=mse')[0]![1]).toContain('without --tune: loss.type=mse');
  });

  it('refuses a key that is named twice', () => {
    expect(problemsOf('lr,lr')[0]).toEqual(['lr is named twice', 'leave one out']);
  });
});
