import { sessions } from '../../backend/sessions.js';
import { boolAttribute, intAttribute } from './graph-def.js';
import { become, Nodes } from './nodes.js';
import type { NodeDef } from './protobuf.js';
import type { Tracer } from './tracer.js';

/** With fewer channels on either side there is so little to multiply that what comes before and after takes longer. */
const FEWEST_CHANNELS = 32;

/** How many of the products must be wanted: behind the last row and column of an odd length are none. */
const LEAST_WANTED = 0.6;

/** For each op of TensorFlow's the one of lossnet's own, which of its inputs that takes, images first, and where the filter is. */
const OPS = {
  Conv2D: { own: 'LossnetConv3x3', inputs: [0, 1], filter: 1, axis: 2 },
  Conv2DBackpropInput: { own: 'LossnetConv3x3InputGrad', inputs: [2, 1], filter: 1, axis: 3 },
  Conv2DBackpropFilter: { own: 'LossnetConv3x3FilterGrad', inputs: [0, 2], filter: 'output', axis: 2 },
} as const;

/**
 * Lets lossnet's own kernels compute convolutions by filters of 3x3 cells, forward and backward, where they are faster than
 * TensorFlow's: see native/cc/winograd.h. A bias and a rectifier that follow are computed while the results are at hand. Every output
 * that others want keeps its name.
 *
 * @param tracer what has been written down; its graph is changed
 */
export function useWinograd(tracer: Tracer): void {
  if (!sessions().multiplies()) return;
  const nodes = new Nodes(tracer);
  for (const [op, { own, inputs, filter, axis }] of Object.entries(OPS)) {
    for (const node of nodes.of(op).filter(hasPlainWindow)) {
      const all = node.getInputList();
      const taken = inputs.map((i) => all[i]!);
      const filterShape = tracer.shapeOf(filter === 'output' ? node.getName() : all[filter]!);
      if (!isWorthIt(tracer.shapeOf(taken[0]!), filterShape, axis)) continue;
      node.setOp(own);
      node.setInputList(taken);
      node.getAttrMap().clear();
      if (op === 'Conv2D') takeInWhatFollows(nodes, node);
    }
  }
}

/** @param axis of the filter, along which its channels are those of the images: of one in groups, they are not */
function isWorthIt(
  images: readonly number[] | null,
  filter: readonly number[] | null,
  axis: number,
): boolean {
  if (images === null || filter === null) return false;
  const [, height, width, channels] = images as [number, number, number, number];
  const [down, across, inputs, outputs] = filter as [number, number, number, number];
  if (down !== 3 || across !== 3 || filter[axis] !== channels) return false;
  const isFull = (length: number) => length / (2 * Math.ceil(length / 2));
  return Math.min(inputs, outputs) >= FEWEST_CHANNELS && isFull(height) * isFull(width) >= LEAST_WANTED;
}

/** A stride of 1 without holes, and as many results as cells. */
function hasPlainWindow(node: NodeDef): boolean {
  const attributes = node.getAttrMap();
  const isOne = (name: string) =>
    attributes
      .get(name)!
      .getList()!
      .getIList()
      .every((length) => length === 1);
  const padding = Buffer.from(attributes.get('padding')!.getS_asU8()).toString();
  return padding === 'SAME' && isOne('strides') && isOne('dilations');
}

/** A bias, and a rectifier after it, where nobody else wants what they are given. */
function takeInWhatFollows(nodes: Nodes, convolution: NodeDef): void {
  const bias = nodes.onlyUser(convolution.getName());
  if (bias?.getOp() !== 'BiasAdd') return;
  convolution.addInput(bias.getInputList()[1]!);
  convolution.getAttrMap().set('N', intAttribute(1));
  become(bias, convolution.getName());
  const relu = nodes.onlyUser(bias.getName());
  if (relu?.getOp() !== 'Relu') return;
  convolution.getAttrMap().set('relu', boolAttribute(true));
  become(relu, convolution.getName());
}
