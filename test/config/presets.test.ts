import { describe, expect, it } from 'vitest';
import { isPresetName, PRESETS, presetNames } from '../../src/config/presets.js';
import { optimizerSchema } from '../../src/config/schema/optimizers.js';

describe('presets of optimizers', () => {
  it('are the ones that people name', () => {
    expect(presetNames).toEqual(['sgd', 'momentum', 'nesterov', 'adam', 'adamw', 'rmsprop', 'adagrad']);
    expect(isPresetName('nesterov')).toBe(true);
    expect(isPresetName('adadelta')).toBe(false);
    expect(isPresetName('toString')).toBe(false);
  });

  it.each(presetNames)(
    '%s is valid, names its learning rate and says in a sentence what it is good for',
    (name) => {
      const { optimizer, summary } = PRESETS[name];
      const block = optimizerSchema.parse(optimizer);
      expect(block).toMatchObject(optimizer);
      expect(optimizer.lr).toBeGreaterThan(0);
      expect(summary).toMatch(/^[A-Z][^.]+\.$/);
    },
  );

  it('have the learning rates of the tutorial', () => {
    const rates = presetNames.map((name) => PRESETS[name].optimizer.lr);
    expect(rates).toEqual([0.01, 0.01, 0.01, 0.001, 0.001, 0.001, 0.01]);
  });
});
