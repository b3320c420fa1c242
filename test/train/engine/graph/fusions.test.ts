import { beforeAll, describe, it } from 'vitest';
import { loadTensorFlow } from '../../../../src/train/backend/tensorflow.js';
import type { Engine } from '../../../../src/train/engine/index.js';
import { expectClose } from '../../../helpers/close.js';
import { oneStep } from '../../../helpers/one-step.js';
import type { Block } from '../../../helpers/options.js';

beforeAll(() => loadTensorFlow());

const CONV = { type: 'conv2d', out_channels: 4, kernel_size: 3, padding: 1 };
const POINT = { type: 'conv2d', out_channels: 4, kernel_size: 1 };
const FLAT = [{ type: 'flatten' }, { type: 'linear', out_features: 4 }];

/** What stands before an activation: TensorFlow looks for these pairs and makes one op of them. */
const BEFORE: Record<string, Block[]> = {
  'a convolution': [CONV],
  'a convolution without bias': [{ ...CONV, bias: false }],
  'a depthwise convolution': [{ type: 'conv2d', out_channels: 3, kernel_size: 3, padding: 1, groups: 3 }],
  'a convolution in groups': [CONV, { ...CONV, groups: 2 }],
  batch_norm2d: [CONV, { type: 'batch_norm2d' }],
  max_pool2d: [CONV, { type: 'max_pool2d', kernel_size: 2 }],
  'a sum of convolutions': [{ type: 'residual', layers: [CONV], projection: [POINT] }],
  'a sum with the input': [CONV, { type: 'residual', layers: [CONV] }],
  linear: [{ type: 'flatten' }, { type: 'linear', out_features: 6 }],
};

const ACTIVATIONS: Block[] = [
  { type: 'relu' },
  { type: 'leaky_relu', negative_slope: 0.1 },
  { type: 'leaky_relu', negative_slope: -0.3 },
  { type: 'elu' },
  { type: 'elu', alpha: 0.4 },
  { type: 'gelu' },
  { type: 'gelu', approximate: 'tanh' },
  { type: 'silu' },
  { type: 'sigmoid' },
  { type: 'tanh' },
];

/** The loss in evaluation, and the loss and the gradients in training. */
function figures(engine: Engine, blocks: readonly Block[], batchSize: number) {
  const { losses, gradients } = oneStep(engine, blocks, batchSize, true);
  return [...losses, ...gradients];
}

/** The models in which an activation follows each of these; in the last one what stands before it is wanted twice. */
const cases = ACTIVATIONS.flatMap((activation): [string, string, Block[]][] => {
  const name = JSON.stringify(activation);
  const preActivation = { type: 'residual', layers: [activation, CONV] };
  return [
    ...Object.entries(BEFORE).map(([before, blocks]): [string, string, Block[]] => [
      before,
      name,
      [...blocks, activation, ...(before === 'linear' ? FLAT.slice(1) : FLAT)],
    ]),
    ['a sum that is passed on', name, [CONV, { type: 'residual', layers: [CONV] }, preActivation, ...FLAT]],
  ];
});

describe('what TensorFlow fuses gives the same as op by op', () => {
  it.each(cases)('%s, then %s', (before, _, blocks) => {
    // Batch norm is not defined for one value per channel, and there is another kernel for single images.
    for (const batchSize of before === 'batch_norm2d' ? [3] : [1, 3]) {
      const graph = figures('graph', blocks, batchSize);
      const eager = figures('eager', blocks, batchSize);
      expectClose(graph, eager, 1e-5);
    }
  });
});
