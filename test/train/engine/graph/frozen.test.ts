import { beforeAll, describe, expect, it, vi } from 'vitest';
import { loadTensorFlow } from '../../../../src/train/backend/tensorflow.js';
import { compile } from '../../../../src/train/engine/graph/compile.js';
import { GraphBuilder } from '../../../../src/train/engine/graph/graph-def.js';
import { createProgram } from '../../../../src/train/engine/index.js';
import { createLoss } from '../../../../src/train/loss/index.js';
import type { LayerSelector } from '../../../../src/train/model/selection.js';
import { Sequential } from '../../../../src/train/model/sequential.js';
import { createOptimizer } from '../../../../src/train/optim/index.js';
import { loaderOf, tinyDataset } from '../../../helpers/data.js';
import { CROSS_ENTROPY } from '../../../helpers/losses.js';
import { layersOf, optimizerOf } from '../../../helpers/options.js';
import { classes } from '../../../helpers/tasks.js';

beforeAll(() => loadTensorFlow());

const CONV = { type: 'conv2d', out_channels: 4, kernel_size: 3 };

const BLOCKS = [CONV, { type: 'relu' }, CONV, CONV, { type: 'flatten' }, { type: 'linear', out_features: 4 }];

/** Three convolutions, some of them frozen. */
const modelOf = (freeze: LayerSelector[]) =>
  Sequential.build({
    layers: layersOf(...BLOCKS),
    input: { kind: 'image', channels: 3, height: 8, width: 8 },
    outputs: 4,
    seed: 0,
    freeze: { layers: freeze, mode: 'train' },
  });

/** The ops that a step of three convolutions runs, with how often each is in it. */
function opsOfStep(freeze: LayerSelector[], optimizer: object = { type: 'adam' }): Map<string, number> {
  const nodes = new Map<string, { op: string; inputs: readonly string[] }>();
  const node = GraphBuilder.prototype.node;
  const spy = vi.spyOn(GraphBuilder.prototype, 'node').mockImplementation(function (
    this: GraphBuilder,
    op,
    inputs,
    ...rest
  ) {
    const name = node.call(this, op, inputs, ...rest);
    nodes.set(name, { op, inputs });
    return name;
  });
  const model = modelOf(freeze);
  const graph = compile(
    {
      model,
      optimizer: createOptimizer(optimizerOf(optimizer as never), model.trainable),
      task: classes(4),
      lossFunction: createLoss(CROSS_ENTROPY),
      clip: { clipGradNorm: 1, clipGradValue: null },
      pixels: null,
      lanes: 1,
    },
    { train: [2], evaluate: [] },
  );
  spy.mockRestore();
  const wanted = new Set<string>();
  const visit = (output: string): void => {
    const name = output.replace(/^\^/, '').split(':')[0]!;
    if (wanted.has(name)) return;
    wanted.add(name);
    for (const input of nodes.get(name)!.inputs) visit(input);
  };
  visit(graph.train.get(2)!.step);
  graph.store.dispose();
  const ops = new Map<string, number>();
  for (const name of wanted) {
    const { op } = nodes.get(name)!;
    ops.set(op, (ops.get(op) ?? 0) + 1);
  }
  return ops;
}

const backward = (ops: ReadonlyMap<string, number>) => [
  ops.get('Conv2DBackpropFilter') ?? 0,
  ops.get('Conv2DBackpropInput') ?? 0,
];

describe('a step of the graph leaves out what frozen layers do not need', () => {
  it.each([
    // Of the first layer there is never a gradient of its input.
    ['nothing', [], [3, 2]],
    ['the first', [0], [2, 1]],
    ['the first two', ['0-2'], [1, 0]],
    ['all convolutions', ['0-3'], [0, 0]],
    ['the last convolution, through which gradients go on', [3], [2, 2]],
  ] as [string, LayerSelector[], number[]][])('%s', (_, freeze, expected) => {
    expect(backward(opsOfStep(freeze))).toEqual(expected);
  });

  it('updates nothing of them', () => {
    const all = opsOfStep([]).get('AssignVariableOp')!;
    // Each has a weight and a bias, and of these the values, the gradient and two slots.
    expect(all - opsOfStep(['0-2']).get('AssignVariableOp')!).toBe(2 * 2 * 4);
  });

  it('takes the fused update in every group that allows it', () => {
    const groups = [
      { layers: [0], lr: 0.1 },
      { layers: [2], weight_decay: 0.1 },
    ];
    const ops = opsOfStep([], { type: 'sgd', momentum: 0.9, groups });
    expect(ops.get('ResourceApplyMomentum')).toBe(6);
    expect(opsOfStep([], { type: 'sgd', momentum: 0.9 }).get('ResourceApplyMomentum')).toBe(8);
  });
});

describe('an optimizer that holds frozen parameters too', () => {
  it.each(['graph', 'eager'] as const)('leaves them as they are, engine %s', (engine) => {
    const model = modelOf([0]);
    model.initialize();
    const before = model.parameters.map((parameter) => [...parameter.values()]);
    const optimizer = createOptimizer(optimizerOf({ type: 'adam', weight_decay: 0.1 }), model.parameters);
    const { program } = createProgram(engine, {
      model,
      optimizer,
      task: classes(4),
      lossFunction: createLoss(CROSS_ENTROPY),
      clip: { clipGradNorm: null, clipGradValue: null },
      sizes: { train: [2], evaluate: [] },
    });
    const batch = loaderOf(tinyDataset(2), { batchSize: 2 }).epoch(0).next().value!;
    optimizer.zeroGrad();
    program.loss(batch).backward();
    optimizer.step();
    const same = model.parameters.map(({ name }, i) => {
      const now = [...model.parameters[i]!.values()];
      return [name, now.every((value, k) => value === before[i]![k])];
    });
    expect(Object.fromEntries(same)).toMatchObject({ '0.weight': true, '0.bias': true, '2.weight': false });
    expect(model.parameters[0]!.gradient()).toBeNull();
    expect([...optimizer.stateDict().keys()]).not.toContain('0.weight');
    program.dispose();
    model.dispose();
  });
});
