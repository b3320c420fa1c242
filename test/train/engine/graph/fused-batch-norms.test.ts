import { beforeAll, describe, expect, it } from 'vitest';
import { loadTensorFlow } from '../../../../src/train/backend/tensorflow.js';
import type { GraphBuilder } from '../../../../src/train/engine/graph/graph-def.js';
import type { Engine } from '../../../../src/train/engine/index.js';
import { expectClose } from '../../../helpers/close.js';
import { oneStep } from '../../../helpers/one-step.js';
import type { Block } from '../../../helpers/options.js';
import { tracedBy } from '../../../helpers/traced.js';

beforeAll(() => loadTensorFlow());

const NORM = { type: 'batch_norm2d' };
const RELU = { type: 'relu' };
const CONV = { type: 'conv2d', out_channels: 4, kernel_size: 3, padding: 1 };
const POINT = { type: 'conv2d', out_channels: 4, kernel_size: 1 };
const END = [{ type: 'flatten' }, { type: 'linear', out_features: 4 }];
const BATCH = 5;

/** Loss, gradients and buffers after one backward pass; the graph where one is compiled. */
function trained(engine: Engine, blocks: readonly Block[]) {
  const { result, graph } = tracedBy(() => oneStep(engine, [...blocks, ...END], BATCH));
  const { losses, gradients, state } = result;
  return { figures: [...losses, ...gradients, ...state], graph };
}

/** How many ops of a kind the updates of the parameters need. */
function opsOf(graph: GraphBuilder): Record<string, number> {
  const nodes = new Map(graph.def.getNodeList().map((node) => [node.getName(), node]));
  const needed = new Set<string>();
  const need = (input: string) => {
    const name = input.replace(/^\^/, '').split(':')[0]!;
    if (needed.has(name)) return;
    needed.add(name);
    for (const each of nodes.get(name)!.getInputList()) need(each);
  };
  for (const node of nodes.values()) if (node.getOp().startsWith('Resource')) need(node.getName());
  const count = (op: string, inputs?: number) =>
    [...needed].filter((name) => {
      const node = nodes.get(name)!;
      return node.getOp() === op && (inputs === undefined || node.getInputList().length === inputs);
    }).length;
  const [relu, gradient] = [count('Relu'), count('ReluGrad')];
  return {
    relu,
    gradient,
    sums: count('LossnetBatchNorm', 4),
    sumGradients: count('LossnetBatchNormGrad', 8),
  };
}

const NOTHING = { relu: 0, gradient: 0, sums: 0, sumGradients: 0 };

describe('a rectifier is joined with the normalisation before it, and gives the same', () => {
  it.each<[string, Block[], ReturnType<typeof opsOf>]>([
    ['alone', [CONV, NORM, RELU], NOTHING],
    ['one after the other', [CONV, NORM, RELU, CONV, NORM, RELU], NOTHING],
    [
      'a residual block',
      [CONV, { type: 'residual', layers: [CONV, NORM, RELU, CONV, NORM] }, RELU],
      { ...NOTHING, sums: 1, sumGradients: 1 },
    ],
    [
      'a projection',
      [CONV, { type: 'residual', layers: [CONV, NORM], projection: [POINT, NORM] }, RELU],
      { ...NOTHING, sums: 1, sumGradients: 1 },
    ],
    [
      'a normalised projection alone',
      [CONV, { type: 'residual', layers: [CONV], projection: [POINT, NORM] }, RELU],
      { ...NOTHING, sums: 1, sumGradients: 1 },
    ],
    // What another branch wants too is not touched.
    [
      'normalised for two',
      [CONV, NORM, { type: 'residual', layers: [RELU, CONV] }],
      { ...NOTHING, relu: 1, gradient: 1 },
    ],
    ['another activation', [CONV, NORM, { type: 'sigmoid' }], NOTHING],
    ['no normalisation', [CONV, RELU], { ...NOTHING, gradient: 1, relu: 1 }],
  ])('%s', (_, blocks, expected) => {
    const graph = trained('graph', blocks);
    expect(opsOf(graph.graph!)).toEqual(expected);
    expectClose(graph.figures, trained('eager', blocks).figures, 2e-6);
  });
});
