import { beforeAll, describe, expect, it } from 'vitest';
import { loadTensorFlow, tensorflow } from '../../../src/train/engine/tensorflow.js';
import { plainLayout } from '../../../src/train/model/layout.js';
import { Parameter } from '../../../src/train/model/parameter.js';
import { clipGradNorm } from '../../../src/train/optim/clip.js';
import { fixture } from '../../helpers/fixtures.js';

interface Case {
  max_norm: number;
  before: number[][];
  norm: number;
  after: number[][];
}

beforeAll(() => loadTensorFlow());

describe('clipGradNorm clips as torch.nn.utils.clip_grad_norm_', () => {
  it.each(fixture<{ cases: Case[] }>('clip.json').cases)(
    'to $max_norm',
    ({ max_norm, before, norm, after }) => {
      const parameters = before.map((gradient, i) => {
        const shape = [gradient.length];
        const parameter = new Parameter(`${i}`, shape, plainLayout(shape));
        parameter.accumulate(tensorflow().tensor1d(gradient));
        return parameter;
      });
      expect(clipGradNorm(parameters, max_norm)).toBeCloseTo(norm, 6);
      for (const [i, parameter] of parameters.entries()) {
        for (const [j, value] of [...parameter.gradient()!].entries())
          expect(value).toBeCloseTo(after[i]![j]!, 6);
      }
    },
  );

  it('leaves parameters without gradient alone', () => {
    expect(clipGradNorm([new Parameter('p', [1], plainLayout([1]))], 1)).toBe(0);
  });
});
