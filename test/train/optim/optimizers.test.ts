import { beforeAll, describe, expect, it } from 'vitest';
import { toCamelCase } from '../../../src/config/naming.js';
import { optimizerSchema } from '../../../src/config/schema/optimizers.js';
import { loadTensorFlow, tensorflow } from '../../../src/train/backend/tensorflow.js';
import { plainLayout } from '../../../src/train/model/layout.js';
import { Parameter } from '../../../src/train/model/parameter.js';
import { createOptimizer, withMomentum } from '../../../src/train/optim/index.js';
import { fixture } from '../../helpers/fixtures.js';
import { expectWithin } from '../../helpers/margin.js';

interface Case {
  name: string;
  type: string;
  options: Record<string, unknown>;
  function: 'quadratic' | 'rosenbrock';
  start: number[];
  lr: number;
  /** The momentum, or beta1, of each step; null: it stays as it is. */
  momenta: number[] | null;
  path: number[][];
}

/** Gradients as autograd computes them. */
const GRADIENTS = {
  quadratic: ([x, y]: number[]) => [2 * x!, 20 * y!],
  rosenbrock: ([x, y]: number[]) => [-2 * (1 - x!) - 400 * x! * (y! - x! * x!), 200 * (y! - x! * x!)],
};

const { cases, defaults } = fixture<{ cases: Case[]; defaults: Record<string, object> }>('optimizers.json');
/** Of each row, one function is enough where it is not the numbers that are tested. */
const rows = cases.filter((c) => c.function === 'quadratic');

beforeAll(() => loadTensorFlow());

const parse = (block: object) => toCamelCase(optimizerSchema.parse(block));

/** The optimizer as a configuration would make it: its defaults are tested along. */
function setUp({ type, options, lr, start, momenta, ...c }: Case, stepsDone = 0) {
  const parameter = new Parameter('p', [2], plainLayout([2]));
  parameter.load(Float32Array.from(start));
  const optimizer = createOptimizer(parse({ type, lr, ...options }), [parameter]);
  const sign = options.maximize ? -1 : 1;
  let t = stepsDone;
  const step = () => {
    const gradient = GRADIENTS[c.function]([...parameter.values()]).map((value) => sign * value);
    optimizer.zeroGrad();
    parameter.accumulate(tensorflow().tensor1d(gradient));
    if (momenta) optimizer.momentum = momenta[t]!;
    t += 1;
    optimizer.step();
    return [...parameter.values()];
  };
  return { parameter, optimizer, step };
}

describe('optimizers take the steps of torch.optim', () => {
  it.each(cases)('$name', (c) => {
    const { step } = setUp(c);
    for (const expected of c.path) {
      const actual = step();
      for (const [i, value] of expected.entries()) {
        const tolerance = 3e-6 * Math.max(Math.abs(value), 0.1);
        expectWithin(Math.abs(actual[i]! - value), tolerance, `parameter ${i}`);
      }
    }
  });

  it.each(Object.entries(defaults))('%s has the options and defaults of torch.optim', (type, options) => {
    const ours = { weight_decay_on: 'all', groups: [] };
    expect(optimizerSchema.parse({ type })).toEqual({ type, ...options, ...ours });
  });

  it.each(rows)('$name: state survives saving and loading', (c) => {
    const straight = setUp(c);
    const interrupted = setUp(c);
    for (let i = 0; i < 3; i++) {
      straight.step();
      interrupted.step();
    }
    const resumed = setUp({ ...c, start: [...interrupted.parameter.values()] }, 3);
    resumed.optimizer.loadStateDict(interrupted.optimizer.stateDict());
    for (let i = 0; i < 3; i++) expect(resumed.step()).toEqual(straight.step());
  });

  it.each(rows)('$name: an earlier state can be returned to', (c) => {
    const { parameter, optimizer, step } = setUp({ ...c, momenta: null });
    step();
    const values = parameter.values();
    const state = optimizer.stateDict();
    const after = [step(), step()];
    parameter.load(values);
    optimizer.loadStateDict(state);
    expect([step(), step()]).toEqual(after);
  });

  it.each(rows)('$name: keeps no tensors', (c) => {
    const { step } = setUp(c);
    step();
    const before = tensorflow().memory().numTensors;
    for (let i = 0; i < 10; i++) step();
    expect(tensorflow().memory().numTensors).toBe(before);
  });

  it('each with its own momentum, which a schedule may set', () => {
    const momentum = (type: string) => setUp({ ...rows[0]!, type, options: {} }).optimizer.momentum;
    expect(Object.fromEntries(Object.keys(defaults).map((type) => [type, momentum(type)]))).toEqual({
      sgd: 0,
      adam: 0.9,
      adamw: 0.9,
      nadam: 0.9,
      rmsprop: 0,
      adagrad: null,
      adadelta: null,
      adamax: 0.9,
    });
  });
});

describe('withMomentum', () => {
  it.each([
    ['sgd', { momentum: 0.95 }],
    ['rmsprop', { momentum: 0.95 }],
    ['adam', { betas: [0.95, 0.8] }],
    ['adamw', { betas: [0.95, 0.8] }],
    ['adamax', { betas: [0.95, 0.8] }],
  ])('gives %s %o', (type, expected) => {
    const options = parse({ type, ...('betas' in expected && { betas: [0.7, 0.8] }) });
    expect(withMomentum(options, 0.95)).toEqual({ ...options, ...expected });
  });

  it.each(['nadam', 'adagrad', 'adadelta'])('is null for %s, whose momentum cannot change', (type) => {
    expect(withMomentum(parse({ type }), 0.95)).toBeNull();
  });
});
