import { beforeAll, describe, expect, it } from 'vitest';
import { sessions } from '../../../../src/train/backend/sessions.js';
import { loadTensorFlow } from '../../../../src/train/backend/tensorflow.js';
import { expectClose } from '../../../helpers/close.js';
import { oneStep } from '../../../helpers/one-step.js';
import type { Block } from '../../../helpers/options.js';
import { tracedBy } from '../../../helpers/traced.js';

beforeAll(() => loadTensorFlow());

const FIRST = { type: 'conv2d', out_channels: 32, kernel_size: 1 };
const CONV = { type: 'conv2d', out_channels: 32, kernel_size: 3, padding: 1 };
const RELU = { type: 'relu' };
const END = [{ type: 'flatten' }, { type: 'linear', out_features: 4 }];
const BATCH = 5;

/** How often each op stands in a training graph. */
function opsOf(blocks: readonly Block[]) {
  const { result, graph } = tracedBy(() => oneStep('graph', [...blocks, ...END], BATCH, true));
  const { losses, gradients } = result;
  const ops = graph!.def.getNodeList().map((node) => node.getOp());
  const count = (op: string) => ops.filter((each) => each === op).length;
  return { figures: [...losses, ...gradients], count };
}

/** Once in training, and once in evaluation. */
const BOTH = 2;

describe('convolutions that lossnet computes itself', () => {
  it.each<[string, Block[], number]>([
    ['with a bias', [FIRST, CONV], 1],
    ['without one', [FIRST, { ...CONV, bias: false }], 1],
    ['with a rectifier', [FIRST, CONV, RELU], 1],
    ['with a normalisation', [FIRST, CONV, { type: 'batch_norm2d' }, RELU, CONV], 2],
    ['in a residual block', [FIRST, { type: 'residual', layers: [CONV, RELU, CONV] }, RELU], 2],
    ['of an odd length', [FIRST, { type: 'max_pool2d', kernel_size: 2, stride: 1 }, CONV], 1],
  ])('%s give what op by op gives', (_, blocks, convolutions) => {
    const { figures, count } = opsOf(blocks);
    const isHere = sessions().multiplies() ? 1 : 0;
    expect(count('LossnetConv3x3')).toBe(BOTH * convolutions * isHere);
    expect(count('LossnetConv3x3InputGrad')).toBe(convolutions * isHere);
    expect(count('LossnetConv3x3FilterGrad')).toBe(convolutions * isHere);
    const { losses, gradients } = oneStep('eager', [...blocks, ...END], BATCH, true);
    expectClose(figures, [...losses, ...gradients], 3e-6);
  });

  it('take in the bias and the rectifier that follow', () => {
    const { count } = opsOf([FIRST, CONV, RELU]);
    expect(count('Relu')).toBe(sessions().multiplies() ? 0 : BOTH);
  });

  it.each<[string, Block]>([
    ['of few channels', { ...CONV, out_channels: 16 }],
    ['of other sizes', { ...CONV, kernel_size: 5, padding: 2 }],
    ['with a stride', { ...CONV, stride: 2 }],
    ['with holes', { ...CONV, padding: 2, dilation: 2 }],
    ['without a padding', { ...CONV, padding: 0 }],
    ['in groups', { ...CONV, groups: 2 }],
  ])("leave those %s to TensorFlow's", (_, convolution) => {
    const { count } = opsOf([FIRST, convolution]);
    expect(
      count('LossnetConv3x3') + count('LossnetConv3x3InputGrad') + count('LossnetConv3x3FilterGrad'),
    ).toBe(0);
  });
});
