import { beforeAll, describe, expect, it } from 'vitest';
import { loadTensorFlow, tensorflow } from '../../../src/train/backend/tensorflow.js';
import { plainLayout } from '../../../src/train/model/layout.js';
import { Parameter } from '../../../src/train/model/parameter.js';
import { clipGradients, clipGradNorm, clipGradValue } from '../../../src/train/optim/clip.js';
import { expectClose } from '../../helpers/close.js';
import { fixture } from '../../helpers/fixtures.js';

interface Recording {
  gradients: number[][];
  norm: number;
  cases: { type: 'norm' | 'value'; limit: number; after: number[][] }[];
}

const CLIP = { norm: clipGradNorm, value: clipGradValue };
const { gradients, norm, cases } = fixture<Recording>('clip.json');

beforeAll(() => loadTensorFlow());

const withGradients = (all: number[][]) =>
  all.map((gradient, i) => {
    const shape = [gradient.length];
    const parameter = new Parameter(`${i}`, shape, plainLayout(shape));
    parameter.accumulate(tensorflow().tensor1d(gradient));
    return parameter;
  });
const gradientsOf = (parameters: Parameter[]) =>
  parameters.map((parameter) => [...(parameter.gradient() ?? [])]);

describe('gradients are clipped as by torch.nn.utils.clip_grad_norm_ and clip_grad_value_', () => {
  it.each(cases)('by $type to $limit, and the norm before is returned', ({ type, limit, after }) => {
    const parameters = withGradients(gradients);
    expectClose([CLIP[type](parameters, limit)], [norm], 5e-7, 'norm');
    for (const [i, values] of gradientsOf(parameters).entries()) expectClose(values, after[i]!, 5e-7);
  });

  it.each(['norm', 'value'] as const)('by %s leaves parameters without gradient alone', (type) => {
    expect(CLIP[type]([new Parameter('p', [1], plainLayout([1]))], 1)).toBe(0);
  });

  it('by value, infinity is cut and what is not a number stays visible', () => {
    const parameters = withGradients([[Number.NaN, Number.POSITIVE_INFINITY, -2]]);
    clipGradValue(parameters, 0.5);
    expect(gradientsOf(parameters)).toEqual([[Number.NaN, 0.5, -0.5]]);
  });

  it.each(['norm', 'value'] as const)('by %s keeps no tensors', (type) => {
    const parameters = withGradients(gradients);
    const before = tensorflow().memory().numTensors;
    for (let i = 0; i < 10; i++) CLIP[type](parameters, 0.25);
    expect(tensorflow().memory().numTensors).toBe(before);
  });
});

describe('clipGradients does what is configured', () => {
  const cut = [[0.5, -0.5]];
  it.each([
    ['nothing', { clipGradNorm: null, clipGradValue: null }, [[3, -4]], null],
    ['by norm', { clipGradNorm: 1, clipGradValue: null }, [[0.6, -0.8]], 5],
    ['by value', { clipGradNorm: null, clipGradValue: 0.5 }, cut, 5],
  ])('%s', (_, options, after, returned) => {
    const parameters = withGradients([[3, -4]]);
    expect(clipGradients(parameters, options)).toBe(returned);
    expectClose(gradientsOf(parameters)[0]!, after[0]!, 5e-7);
  });
});
