import { type Tensor, tensorflow } from '../../src/train/backend/tensorflow.js';
import type { ForwardPass, LayerContext, NamedLayer } from '../../src/train/model/layer.js';
import { createLayers } from '../../src/train/model/layers/index.js';
import { channelsFirst, torchOrder } from '../../src/train/model/order.js';
import type { Parameter } from '../../src/train/model/parameter.js';
import type { Shape } from '../../src/train/model/shape.js';
import { stateOf } from './numbers.js';
import { type Block, layersOf } from './options.js';

/** The shape of a sample from PyTorch's sizes. */
export function shapeOf(sizes: readonly number[], wholeBelow: number | null = null): Shape {
  const [first, second, third] = sizes as [number, number, number];
  const values = wholeBelow === null ? {} : { wholeBelow };
  if (sizes.length === 3) return { kind: 'image', channels: first, height: second, width: third, ...values };
  if (sizes.length === 2) return { kind: 'sequence', length: first, features: second, ...values };
  return { kind: 'features', features: first, ...values };
}

/** Layers whose state follows from their names, to be run in PyTorch's order of dimensions. */
export class Stack {
  readonly layers: readonly NamedLayer[];
  readonly parameters: readonly Parameter[];
  readonly buffers: readonly Parameter[];
  readonly input: Shape;

  constructor(blocks: readonly Block[], input: Shape) {
    const context: LayerContext = { name: '', input, seed: 0, init: { weight: null, bias: null } };
    this.input = input;
    this.layers = createLayers(layersOf(...blocks), context);
    this.parameters = this.layers.flatMap(({ parameters }) => parameters.map(({ parameter }) => parameter));
    this.buffers = this.layers.flatMap(({ buffers = [] }) => buffers.map(({ parameter }) => parameter));
    for (const tensor of [...this.parameters, ...this.buffers])
      tensor.load(stateOf(tensor.name, tensor.shape).values);
  }

  get output(): Shape {
    return this.layers.at(-1)!.output;
  }

  /** @param x [batch, channels, height, width] or what PyTorch has for other shapes */
  forward(x: Tensor, training: boolean, update: ForwardPass['update'] = () => {}): Tensor {
    const tf = tensorflow();
    const pass: ForwardPass = { training, batchKey: tf.tensor1d([0, 0], 'int32'), update };
    const first = this.input.kind === 'image' ? tf.transpose(x, [0, 2, 3, 1]) : x;
    const y = this.layers.reduce((value, layer) => layer.forward(value, pass), first);
    return this.output.kind === 'image' ? channelsFirst(y) : torchOrder(y, this.output);
  }

  /** The gradients of sum(output * dy) with respect to the input and to each parameter. */
  gradients(x: Tensor, dy: Tensor, training: boolean): { input: Tensor; parameters: Tensor[] } {
    const tf = tensorflow();
    const data = this.parameters.map((parameter) => parameter.data);
    const [input, ...parameters] = tf.grads((image: Tensor) =>
      tf.sum(tf.mul(this.forward(image, training), dy)),
    )([x, ...data]);
    return { input: input!, parameters };
  }

  /** The gradients of sum(output * dy) with respect to each parameter, where the input has none. */
  parameterGradients(x: Tensor, dy: Tensor, training: boolean): Tensor[] {
    const data = this.parameters.map((parameter) => parameter.data);
    return tensorflow().grads(() => this.forward(x, training))(data, dy);
  }

  dispose(): void {
    for (const tensor of [...this.parameters, ...this.buffers]) tensor.dispose();
  }
}
