import { LossnetError } from '../../base/errors.js';
import type { Tensor } from '../backend/tensorflow.js';
import type { Initializer, InitializerOptions } from './init/index.js';
import type { Parameter } from './parameter.js';
import type { InputShape, Shape } from './shape.js';

/** One forward pass through the model. */
export interface ForwardPass {
  /** Whether layers that behave differently in training, such as dropout, do. */
  readonly training: boolean;
  /** [2], int32: identifies the batch; seeds the randomness of the pass. */
  readonly batchKey: Tensor;
  /** Which of the batch's samples these are, when a pass is for a part of them; absent: all. */
  readonly part?: BatchPart;
  /** Whether the pass is written down for any TensorFlow, which has no ops of lossnet's own. It has no gradient then. */
  readonly portable?: boolean;
  /** Takes the new value of a buffer, for after the pass: a layer itself changes nothing. */
  update(buffer: Parameter, value: Tensor): void;
}

/** Neighbouring samples of a batch. */
export interface BatchPart {
  /** The first one's position in the batch. */
  readonly first: number;
  /** How many they are. */
  readonly size: number;
  /** How many the whole batch has. */
  readonly of: number;
}

/** A tensor of a layer and how it gets its first values. */
export interface Initialized {
  readonly parameter: Parameter;
  readonly initializer: Initializer;
}

/** One layer of a model, made for inputs of one shape. */
export interface Layer {
  readonly type: string;
  readonly output: Shape;
  /** What is trained. */
  readonly parameters: readonly Initialized[];
  /** What is kept along without being trained, such as running statistics. */
  readonly buffers?: readonly Initialized[];
  /** The layers inside. */
  readonly children?: readonly NamedLayer[];
  /** The fewest samples that it can be trained on at once; default 1. */
  readonly smallestBatch?: number;
  /** Whether what it gives for one sample may depend on the others in the batch; default false. */
  readonly mixesSamples?: boolean;
  /** @param x [batch, height, width, channels], [batch, length, features], [batch, features] or tokens [batch, length] */
  forward(x: Tensor, pass: ForwardPass): Tensor;
}

/** A layer in its place. */
export interface NamedLayer extends Layer {
  /** PyTorch's name: positions, and for nested layers the names between, as in `3.layers.0`. */
  readonly name: string;
}

/** Initialisers by the kind of tensor; null: the default, PyTorch's. */
export interface InitOptions {
  readonly weight: InitializerOptions | null;
  readonly bias: InitializerOptions | null;
}

/** What a layer is told about the place it stands in. */
export interface LayerContext<Input extends InputShape = Shape> {
  /** PyTorch's name of the layer, for example `0`. */
  readonly name: string;
  readonly input: Input;
  readonly seed: number;
  /** For the weights and biases of layers that name no initialiser of their own. */
  readonly init: InitOptions;
  /** Tells of a name whether that layer is never in training, as after PyTorch's `module.eval()`; default: none. */
  readonly evaluates?: (name: string) => boolean;
}

/** A layer that cannot work on the shape it is given. */
export class LayerError extends LossnetError {
  /** The way to the layer, outermost first, such as [3, 'layers', 0], with the layers before it at each level. */
  readonly way: (string | number)[] = [];
  readonly before: NamedLayer[] = [];

  constructor(message: string, remedy?: string) {
    super('LOSSNET_LAYER_IMPOSSIBLE', message, remedy);
  }
}
