import { describe, expect, it } from 'vitest';
import { inTemporaryFolder, load, MINIMAL } from '../helpers.js';

inTemporaryFolder();

const SGD = MINIMAL.replace('{ type: sgd }', '{ type: sgd, lr: 0.5, momentum: 0.9 }');

describe('changing a type', () => {
  it('drops the keys of the old type, and says which', () => {
    const { yaml, notes } = load(SGD, { overrides: ['optimizer.type=adam'] });
    expect(yaml.optimizer).toMatchObject({ type: 'adam', lr: 0.001 });
    expect(notes).toEqual([
      'optimizer.type=adam changes sgd to adam and drops optimizer.lr (config.yaml:3) and optimizer.momentum (config.yaml:3)',
    ]);
  });

  it.each([
    [['optimizer.type=adam', 'optimizer.lr=0.01']],
    [['optimizer.lr=0.01', 'optimizer.type=adam']],
    [['optimizer={type: adam}', 'optimizer.lr=0.01']],
    [['optimizer.lr=0.01', 'optimizer={type: adam}']],
  ])('keeps what comes with it, in any order: %s', (overrides) => {
    expect(load(SGD, { overrides }).yaml.optimizer).toMatchObject({ type: 'adam', lr: 0.01 });
  });

  it('drops what the environment set as well, when the command line changes the type', () => {
    const { yaml, notes } = load(MINIMAL, {
      env: { LOSSNET_OPTIMIZER__MOMENTUM: '0.9' },
      overrides: ['optimizer.type=adam'],
    });
    expect(yaml.optimizer.type).toBe('adam');
    expect(notes).toEqual([
      'optimizer.type=adam changes sgd to adam and drops optimizer.momentum (LOSSNET_OPTIMIZER__MOMENTUM)',
    ]);
  });

  it('works from the environment, and for a layer', () => {
    const text = MINIMAL.replace('{ type: linear', '{ type: dropout, p: 0.3 }, { type: linear');
    const { yaml, notes } = load(text, {
      env: { LOSSNET_MODEL__1__TYPE: 'relu', LOSSNET_OPTIMIZER__TYPE: 'adamw' },
    });
    expect(yaml.model[1]).toEqual({ type: 'relu' });
    expect(yaml.optimizer.type).toBe('adamw');
    expect(notes).toEqual([
      'LOSSNET_MODEL__1__TYPE=relu changes dropout to relu and drops model.1.p (config.yaml:2)',
    ]);
  });

  it('drops nothing when the type stays what it was', () => {
    const { yaml, notes } = load(SGD, { overrides: ['optimizer.type=sgd'] });
    expect(yaml.optimizer).toMatchObject({ lr: 0.5, momentum: 0.9 });
    expect(notes).toEqual([]);
  });

  it('of two values for the same key, the last counts', () => {
    const { yaml, notes } = load(SGD, {
      overrides: ['optimizer.type=adam', 'optimizer.type=sgd', 'epochs=2', 'epochs=3'],
    });
    expect(yaml.optimizer).toMatchObject({ type: 'sgd', lr: 0.5 });
    expect(yaml.epochs).toBe(3);
    expect(notes).toEqual([]);
  });

  it('a whole block takes the place of a block, and a note says what it does not repeat', () => {
    const { yaml, notes } = load(SGD, { overrides: ['optimizer={type: sgd, lr: 1}'] });
    expect(yaml.optimizer).toMatchObject({ type: 'sgd', lr: 1, momentum: 0 });
    expect(notes).toEqual([
      'optimizer={type: sgd, lr: 1} replaces the block and drops optimizer.momentum (config.yaml:3)',
    ]);
  });
});
