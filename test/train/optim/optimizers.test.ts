import { beforeAll, describe, expect, it } from 'vitest';
import { toCamelCase } from '../../../src/config/naming.js';
import { optimizerSchema } from '../../../src/config/schema/optimizers.js';
import { loadTensorFlow, tensorflow } from '../../../src/train/engine/tensorflow.js';
import { plainLayout } from '../../../src/train/model/layout.js';
import { Parameter } from '../../../src/train/model/parameter.js';
import { createOptimizer } from '../../../src/train/optim/index.js';
import { fixture } from '../../helpers/fixtures.js';

interface Case {
  name: string;
  type: string;
  options: Record<string, unknown>;
  function: 'quadratic' | 'rosenbrock';
  start: number[];
  lr: number;
  path: number[][];
}

/** Gradients as autograd computes them. */
const GRADIENTS = {
  quadratic: ([x, y]: number[]) => [2 * x!, 20 * y!],
  rosenbrock: ([x, y]: number[]) => [-2 * (1 - x!) - 400 * x! * (y! - x! * x!), 200 * (y! - x! * x!)],
};

const { cases } = fixture<{ cases: Case[] }>('optimizers.json');

beforeAll(() => loadTensorFlow());

/** The optimizer as a configuration would make it: its defaults are tested along. */
function setUp({ type, options, lr, start }: Case) {
  const parameter = new Parameter('p', [2], plainLayout([2]));
  parameter.load(Float32Array.from(start));
  const optimizer = createOptimizer(toCamelCase(optimizerSchema.parse({ type, lr, ...options })), [
    parameter,
  ]);
  const step = (gradient: (p: number[]) => number[]) => {
    optimizer.zeroGrad();
    parameter.accumulate(tensorflow().tensor1d(gradient([...parameter.values()])));
    optimizer.step();
    return [...parameter.values()];
  };
  return { parameter, optimizer, step };
}

describe('optimizers take the steps of torch.optim', () => {
  it.each(cases)('$name', (c) => {
    const { step } = setUp(c);
    for (const expected of c.path) {
      const actual = step(GRADIENTS[c.function]);
      for (const [i, value] of expected.entries()) {
        expect(Math.abs(actual[i]! - value)).toBeLessThan(1e-5 * Math.max(Math.abs(value), 0.1));
      }
    }
  });

  it.each(cases.filter((c) => c.function === 'quadratic'))(
    '$name: state survives saving and loading',
    (c) => {
      const straight = setUp(c);
      const interrupted = setUp(c);
      for (let i = 0; i < 3; i++) {
        straight.step(GRADIENTS.quadratic);
        interrupted.step(GRADIENTS.quadratic);
      }
      const resumed = setUp({ ...c, start: [...interrupted.parameter.values()] });
      resumed.optimizer.loadStateDict(interrupted.optimizer.stateDict());
      for (let i = 0; i < 3; i++)
        expect(resumed.step(GRADIENTS.quadratic)).toEqual(straight.step(GRADIENTS.quadratic));
    },
  );

  it.each(cases.filter((c) => c.function === 'quadratic'))('$name: keeps no tensors', (c) => {
    const { step } = setUp(c);
    step(GRADIENTS.quadratic);
    const before = tensorflow().memory().numTensors;
    for (let i = 0; i < 10; i++) step(GRADIENTS.quadratic);
    expect(tensorflow().memory().numTensors).toBe(before);
  });
});
