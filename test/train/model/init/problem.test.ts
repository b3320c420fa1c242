import { describe, expect, it } from 'vitest';
import { initializerSchema } from '../../../../src/config/schema/initializers.js';
import {
  calculateGain,
  fans,
  initializerProblem,
  type Nonlinearity,
} from '../../../../src/train/model/init/index.js';
import { fixture } from '../../../helpers/fixtures.js';
import { fill, parse } from './helpers.js';

interface Recording {
  gains: { nonlinearity: Nonlinearity; param: number | null; gain: number }[];
  fans: { shape: number[]; fans: [number, number] }[];
}

const recording = fixture<Recording>('initializers.json');

describe('calculateGain as torch.nn.init', () => {
  it.each(recording.gains)('$nonlinearity, $param', ({ nonlinearity, param, gain }) => {
    expect(calculateGain(nonlinearity, param ?? undefined)).toBeCloseTo(gain, 15);
  });
});

describe('fans as torch.nn.init', () => {
  it.each(recording.fans)('$shape', ({ shape, fans: [fanIn, fanOut] }) => {
    expect(fans(shape)).toEqual({ fanIn, fanOut });
  });

  it('of a vector there are none', () => {
    expect(() => fans([32])).toThrow(
      'A tensor of shape [32] has no fan_in and fan_out: they need at least 2 dimensions.',
    );
  });
});

const ANY = 'constant, zeros, ones, uniform, normal and trunc_normal fill any shape';
const SOME = 'orthogonal, xavier_* and kaiming_* fill it';
const TWO = 'it needs 2 dimensions, such as the weight of a linear layer';

/** [block, shape, problem]; null: it can be filled. */
const PROBLEMS: [Record<string, unknown>, number[], string | null][] = [
  [{ type: 'uniform' }, [8], null],
  [{ type: 'normal' }, [8], null],
  [{ type: 'trunc_normal' }, [8], null],
  [{ type: 'constant', value: 1 }, [8], null],
  [{ type: 'zeros' }, [8], null],
  [{ type: 'ones' }, [8], null],
  ...['xavier_uniform', 'xavier_normal', 'kaiming_uniform', 'kaiming_normal', 'orthogonal'].flatMap(
    (type): [Record<string, unknown>, number[], string | null][] => [
      [{ type }, [8], `it needs at least 2 dimensions, but the shape is [8]; ${ANY}`],
      [{ type }, [8, 4], null],
      [{ type }, [8, 4, 3, 3], null],
    ],
  ),
  [{ type: 'sparse', sparsity: 0.5 }, [8], `${TWO}, but the shape is [8]; ${ANY}`],
  [{ type: 'sparse', sparsity: 0.5 }, [8, 4], null],
  [{ type: 'sparse', sparsity: 0.5 }, [8, 4, 3, 3], `${TWO}, but the shape is [8, 4, 3, 3]; ${SOME}`],
  [{ type: 'eye' }, [8], `${TWO}, but the shape is [8]; ${ANY}`],
  [{ type: 'eye' }, [8, 4], null],
  [{ type: 'eye' }, [8, 4, 3, 3], `${TWO}, but the shape is [8, 4, 3, 3]; dirac fills it`],
  [
    { type: 'dirac' },
    [8, 4],
    'it needs 3 to 5 dimensions, such as the weight of a convolution, but the shape is [8, 4]; eye fills it',
  ],
  [{ type: 'dirac' }, [8, 4, 3], null],
  [{ type: 'dirac', groups: 4 }, [8, 4, 3, 3], null],
  [{ type: 'dirac', groups: 3 }, [8, 4, 3, 3], 'its groups must divide the number of outputs, 8, but are 3'],
];

describe('initializerProblem', () => {
  it.each(PROBLEMS)('%o of %o', (block, shape, problem) => {
    expect(initializerProblem(parse(block), shape)).toBe(problem);
    if (problem === null) expect(fill(block, shape).every(Number.isFinite)).toBe(true);
    else
      expect(() => fill(block, shape)).toThrow(`${String(block.type)} cannot fill the tensor: ${problem}.`);
  });
});

describe('initializerSchema', () => {
  it.each([
    ['a bound below the other', { type: 'uniform', a: 1, b: 0 }],
    ['a bound below the other', { type: 'trunc_normal', a: 1, b: 0 }],
    ['no spread to cut', { type: 'trunc_normal', std: 0 }],
    ['a negative spread', { type: 'normal', std: -1 }],
    ['no value', { type: 'constant' }],
    ['no gain', { type: 'xavier_normal', gain: 0 }],
    ['an unknown nonlinearity', { type: 'orthogonal', gain: 'gelu' }],
    ['an unknown mode', { type: 'kaiming_normal', mode: 'fan_avg' }],
    ['more than all', { type: 'sparse', sparsity: 1.1 }],
    ['no groups', { type: 'dirac', groups: 0 }],
    ["another initialiser's key", { type: 'zeros', value: 1 }],
  ])('refuses %s: %o', (_, block) => {
    expect(initializerSchema.safeParse(block).success).toBe(false);
  });
});
