import { LossnetError } from '../../base/errors.js';
import type { Tensor } from '../backend/tensorflow.js';
import { RandomStream } from '../random.js';
import {
  type ForwardPass,
  type Initialized,
  type InitOptions,
  type LayerContext,
  LayerError,
  type NamedLayer,
} from './layer.js';
import { createLayers, type LayerOptions } from './layers/index.js';
import { torchOrder } from './order.js';
import type { Parameter } from './parameter.js';
import { isWithin, type LayerSelector } from './selection.js';
import { describeShape, type InputShape } from './shape.js';
import { shapeTable } from './shape-table.js';

/** A model that cannot be built. */
export class ModelError extends LossnetError {
  /**
   * @param layer the way to the layer that is impossible, for example `1` or `3.layers.0`
   * @param message why it is
   * @param table the shapes up to there, one line per layer
   */
  constructor(
    readonly layer: string,
    message: string,
    readonly table: string,
    remedy: string | undefined,
  ) {
    super('LOSSNET_MODEL_IMPOSSIBLE', message, remedy);
  }
}

/** What a model is made from. */
export interface ModelOptions {
  /** The layers, first to last. */
  readonly layers: readonly LayerOptions[];
  /** Shape of one sample. */
  readonly input: InputShape;
  /** How many values the last layer must give: the number of classes, or of real values. */
  readonly outputs: number;
  /** What they are, for errors. Default: so many classes. */
  readonly outputsAre?: string;
  /** Where the last layer must give so many for each step of a sequence: how many steps. Default: it gives them once. */
  readonly steps?: number | undefined;
  /** The run's seed. */
  readonly seed: number;
  /** Initialisers for layers that name none of their own; default PyTorch's defaults. */
  readonly init?: InitOptions;
  /** Layers that are not trained; default none. */
  readonly freeze?: FreezeOptions;
}

/** What is not trained. */
export interface FreezeOptions {
  /** The layers whose parameters keep their values, as with `requires_grad = False`. */
  readonly layers: readonly LayerSelector[];
  /** train: batch norm and dropout in them go on as in training, as PyTorch's do; eval: they are as after `module.eval()`. */
  readonly mode: 'train' | 'eval';
}

const NOTHING_FROZEN: FreezeOptions = { layers: [], mode: 'train' };
const TORCH_INIT: InitOptions = { weight: null, bias: null };

/** Layers applied one after the other, named by position as in torch.nn.Sequential. */
export class Sequential {
  /** Every tensor that can be trained, in PyTorch's order of `parameters()`. */
  readonly parameters: readonly Parameter[];
  /** Those of them that are: all but the frozen ones. */
  readonly trainable: readonly Parameter[];
  /** Every tensor of PyTorch's `state_dict()`: the parameters, and buffers such as running statistics. */
  readonly state: readonly Parameter[];

  private constructor(
    readonly input: InputShape,
    readonly layers: readonly NamedLayer[],
    /** How many values the last layer gives, all steps together. */
    readonly outputs: number,
    readonly seed: number,
  ) {
    this.parameters = layers.flatMap(({ parameters }) => parameters.map(({ parameter }) => parameter));
    this.trainable = this.parameters.filter(({ requiresGrad }) => requiresGrad);
    this.state = layers.flatMap((layer) => initializedTensors(layer).map(({ parameter }) => parameter));
  }

  /**
   * Infers every layer's shapes and makes its parameters, still without values. Needs no TensorFlow, so that a
   * configuration can be checked before anything is loaded.
   *
   * @param options layers, input, outputs, seed, initialisers and what is frozen; a selector that names no layer freezes
   * nothing: see `selectionProblem`
   * @returns the model
   * @throws ModelError at the first layer that is impossible, with the table of shapes up to it
   */
  static build(modelOptions: ModelOptions): Sequential {
    const { layers: options, input, outputs, steps, seed, init = TORCH_INIT } = modelOptions;
    const { outputsAre = `${outputs} classes`, freeze = NOTHING_FROZEN } = modelOptions;
    const isFrozen = (name: string) => freeze.layers.some((selector) => isWithin(selector, name));
    const evaluates = freeze.mode === 'eval' ? isFrozen : () => false;
    const layers = createModelLayers(options, { name: '', input, seed, init, evaluates });
    for (const { parameter } of layers.flatMap(({ parameters }) => parameters)) {
      parameter.requiresGrad = !isFrozen(parameter.name);
    }
    const model = new Sequential(input, layers, outputs * (steps ?? 1), seed);
    const last = layers.at(-1)?.output ?? input;
    const fits =
      steps === undefined ? last.kind === 'features' : last.kind === 'sequence' && last.length === steps;
    if (!fits || !('features' in last) || last.features !== outputs) {
      throw new ModelError(
        `${options.length - 1}`,
        `the last layer gives ${describeShape(last)} but the data set has ${outputsAre}`,
        model.shapeTable(),
        remedyFor(last, input, outputs, steps),
      );
    }
    return model;
  }

  /** Gives every parameter its first values, each from a random stream of its own. */
  initialize(): void {
    for (const { parameter, initializer } of this.layers.flatMap(initializedTensors)) {
      const values = new Float32Array(parameter.size);
      initializer(values, parameter.shape, new RandomStream(this.seed, 'init', parameter.name));
      parameter.load(parameter.dtype === 'int32' ? Int32Array.from(values) : values);
    }
  }

  /**
   * @param x [batch, height, width, channels], pixels in [0, 1] or normalised; features; or tokens, int32
   * @param pass training or evaluation, and the batch's key
   * @param watch called with each layer's output; for finding out where numbers go wrong
   * @returns logits [batch, classes]
   */
  forward(x: Tensor, pass: ForwardPass, watch?: (output: Tensor, index: number) => void): Tensor {
    let output = x;
    for (const [index, layer] of this.layers.entries()) {
      output = layer.forward(output, pass);
      watch?.(output, index);
    }
    return torchOrder(output, this.layers.at(-1)!.output);
  }

  /** One line per layer: name, kind, output shape, number of parameters. */
  shapeTable(): string {
    return shapeTable(this.input, this.layers);
  }

  get parameterCount(): number {
    return numbersIn(this.parameters);
  }

  /** How many of these numbers are trained. */
  get trainableCount(): number {
    return numbersIn(this.trainable);
  }

  /** The fewest samples that it can be trained on at once. */
  get smallestBatch(): number {
    return Math.max(...this.layers.map(({ smallestBatch }) => smallestBatch ?? 1));
  }

  /** Whether a sample's outputs may depend on the others in the batch, as with batch normalisation. */
  get mixesSamples(): boolean {
    return this.layers.some(({ mixesSamples }) => mixesSamples);
  }

  dispose(): void {
    for (const tensor of this.state) tensor.dispose();
  }
}

/** What to do about a last layer that gives something else. */
function remedyFor(last: InputShape, input: InputShape, outputs: number, steps: number | undefined): string {
  const end = `End the model with { type: linear, out_features: ${outputs} }`;
  if (steps !== undefined && last.kind !== 'sequence')
    return `${end} behind layers that keep the sequence: recurrent ones do with output: all. Or set dataset.positions: last.`;
  if (steps === undefined && last.kind === 'sequence') {
    const all = input.kind === 'tokens' ? ', or have each be told of with dataset.positions: all' : '';
    return `${end} behind a layer that gives one vector: a recurrent one does with output: last${all}.`;
  }
  return `${end}.`;
}

const numbersIn = (parameters: readonly Parameter[]) => parameters.reduce((sum, { size }) => sum + size, 0);

function createModelLayers(
  options: readonly LayerOptions[],
  context: LayerContext<InputShape>,
): NamedLayer[] {
  try {
    return createLayers(options, context);
  } catch (error) {
    if (!(error instanceof LayerError)) throw error;
    const layer = error.way.join('.');
    const table = shapeTable(context.input, error.before, { name: layer, type: typeAt(options, error.way) });
    throw new ModelError(layer, error.message, table, error.remedy);
  }
}

/** The kind of the layer that a way such as [3, 'layers', 0] leads to. */
function typeAt(options: readonly LayerOptions[], way: readonly (string | number)[]): string {
  const found = way.reduce<unknown>((at, key) => (at as Record<string | number, unknown>)[key], options);
  return (found as LayerOptions).type;
}

function initializedTensors({ parameters, buffers = [] }: NamedLayer): readonly Initialized[] {
  return [...parameters, ...buffers];
}
