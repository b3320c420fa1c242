import type { Tensor } from '../engine/tensorflow.js';
import { LossnetError } from '../errors.js';
import type { RandomStream } from '../random.js';
import { type Layout, plainLayout } from './layout.js';
import { Parameter } from './parameter.js';
import type { Shape } from './shape.js';

/** One forward pass through the model. */
export interface ForwardPass {
  /** Whether layers that behave differently in training, such as dropout, do. */
  readonly training: boolean;
  /** [2], int32: identifies the batch; seeds the randomness of the pass. */
  readonly batchKey: Tensor;
}

/** Fills `values` with a parameter's first values. */
export type Initializer = (values: Float32Array, stream: RandomStream) => void;

/** One layer of a model, made for inputs of one shape. */
export interface Layer {
  readonly type: string;
  readonly output: Shape;
  readonly parameters: readonly { readonly parameter: Parameter; readonly initializer: Initializer }[];
  /** @param x [batch, height, width, channels] or [batch, features] */
  forward(x: Tensor, pass: ForwardPass): Tensor;
}

/** What a layer is told about the place it stands in. */
export interface LayerContext {
  /** PyTorch's name of the layer: its position, for example `0`. */
  readonly name: string;
  readonly input: Shape;
  readonly seed: number;
}

/** A layer that cannot work on the shape it is given. */
export class LayerError extends LossnetError {
  constructor(message: string, remedy?: string) {
    super('LOSSNET_LAYER_IMPOSSIBLE', message, remedy);
  }
}

/**
 * PyTorch's default for convolutions and linear layers, weights and biases alike:
 * uniform in ±1/sqrt(fan_in).
 *
 * @param fanIn number of inputs that one output sums over
 * @source https://docs.pytorch.org/docs/stable/generated/torch.nn.Linear.html
 */
export function uniformFanIn(fanIn: number): Initializer {
  const bound = 1 / Math.sqrt(fanIn);
  return (values, stream) => {
    for (let i = 0; i < values.length; i++) values[i] = stream.uniform(-bound, bound);
  };
}

/** The weight of a layer and, if it has one, its bias, both initialised as PyTorch does. */
export function weightAndBias(
  name: string,
  weight: { readonly shape: readonly number[]; readonly layout: Layout },
  fanIn: number,
  withBias: boolean,
) {
  const initializer = uniformFanIn(fanIn);
  const outputs = weight.shape[0]!;
  const weightParameter = new Parameter(`${name}.weight`, weight.shape, weight.layout);
  const biasParameter = withBias ? new Parameter(`${name}.bias`, [outputs], plainLayout([outputs])) : null;
  const parameters = [weightParameter, ...(biasParameter ? [biasParameter] : [])];
  return {
    weight: weightParameter,
    bias: biasParameter,
    parameters: parameters.map((parameter) => ({ parameter, initializer })),
  };
}
