import { type Tensor, tensorflow } from '../engine/tensorflow.js';
import { LossnetError } from '../errors.js';
import { RandomStream } from '../random.js';
import { type ForwardPass, type Layer, LayerError } from './layer.js';
import { createLayer, type LayerOptions } from './layers/index.js';
import type { Parameter } from './parameter.js';
import { describeShape, type ImageShape, type Shape } from './shape.js';

/** A model that cannot be built. */
export class ModelError extends LossnetError {
  /**
   * @param layer position of the layer that is impossible
   * @param message why it is
   * @param table the shapes up to there, one line per layer
   */
  constructor(
    readonly layer: number,
    message: string,
    readonly table: string,
    remedy: string | undefined,
  ) {
    super('LOSSNET_MODEL_IMPOSSIBLE', message, remedy);
  }
}

/** Layers applied one after the other, named by position as in torch.nn.Sequential. */
export class Sequential {
  /** Every trained tensor, in PyTorch's order of `parameters()`. */
  readonly parameters: readonly Parameter[];

  private constructor(
    readonly input: Shape,
    readonly layers: readonly Layer[],
    readonly seed: number,
  ) {
    this.parameters = layers.flatMap((layer) => layer.parameters.map(({ parameter }) => parameter));
  }

  /**
   * Infers every layer's shapes and makes its parameters, still without values. Needs no TensorFlow, so that a
   * configuration can be checked before anything is loaded.
   *
   * @param options the layers, first to last
   * @param input shape of one image
   * @param outputs how many values the last layer must give (the number of classes)
   * @param seed the run's seed
   * @returns the model
   * @throws ModelError at the first layer that is impossible, with the table of shapes up to it
   */
  static build(
    options: readonly LayerOptions[],
    input: ImageShape,
    outputs: number,
    seed: number,
  ): Sequential {
    const layers: Layer[] = [];
    let shape: Shape = input;
    for (const [index, layerOptions] of options.entries()) {
      try {
        const layer = createLayer(layerOptions, { name: `${index}`, input: shape, seed });
        layers.push(layer);
        shape = layer.output;
      } catch (error) {
        if (!(error instanceof LayerError)) throw error;
        const table = shapeTable(input, layers, `${layerOptions.type}: impossible`);
        throw new ModelError(index, error.message, table, error.remedy);
      }
    }
    const model = new Sequential(input, layers, seed);
    if (shape.kind !== 'features' || shape.features !== outputs) {
      throw new ModelError(
        options.length - 1,
        `the last layer gives ${describeShape(shape)} but the data set has ${outputs} classes`,
        model.shapeTable(),
        `End the model with { type: linear, out_features: ${outputs} }.`,
      );
    }
    return model;
  }

  /** Gives every parameter its first values, each from a random stream of its own. */
  initialize(): void {
    for (const { parameter, initializer } of this.layers.flatMap((layer) => layer.parameters)) {
      const values = new Float32Array(parameter.size);
      initializer(values, new RandomStream(this.seed, 'init', parameter.name));
      parameter.load(values);
    }
  }

  /**
   * @param x [batch, height, width, channels], pixels in [0, 1] or normalised
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
    const last = this.layers.at(-1)!.output;
    if (last.kind !== 'features' || !last.flattened) return output;
    const { channels, height, width } = last.flattened;
    const tf = tensorflow();
    const image = tf.reshape(output, [output.shape[0]!, height, width, channels]);
    return tf.reshape(tf.transpose(image, [0, 3, 1, 2]), output.shape);
  }

  /** One line per layer: position, kind, output shape, number of parameters. */
  shapeTable(): string {
    return shapeTable(this.input, this.layers);
  }

  get parameterCount(): number {
    return this.parameters.reduce((sum, parameter) => sum + parameter.size, 0);
  }

  dispose(): void {
    for (const parameter of this.parameters) parameter.dispose();
  }
}

function shapeTable(input: Shape, layers: readonly Layer[], failed?: string): string {
  const count = (layer: Layer) => layer.parameters.reduce((sum, { parameter }) => sum + parameter.size, 0);
  const rows = [
    ['', 'input', describeShape(input), ''],
    ...layers.map((layer, index) => [
      `${index}`,
      layer.type,
      describeShape(layer.output),
      count(layer) ? `${count(layer).toLocaleString('en')} parameters` : '',
    ]),
  ];
  if (failed) rows.push([`${layers.length}`, failed, '', '']);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row.map((cell, column) => (column ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[0]!))),
    )
    .map((row) => row.join('  ').trimEnd())
    .join('\n');
}
