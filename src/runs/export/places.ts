import type { NamedLayer } from '../../train/model/layer.js';
import type { LayerOptions } from '../../train/model/layers/index.js';
import { inTorchOrder } from '../../train/model/order.js';
import type { Parameter } from '../../train/model/parameter.js';
import type { InputShape, Shape } from '../../train/model/shape.js';

/** A layer of a model, with what it was made from. */
export interface Place<Options extends LayerOptions = LayerOptions> {
  readonly options: Options;
  /** PyTorch's name of it, such as `3.layers.0`. */
  readonly name: string;
  readonly input: InputShape;
  readonly output: Shape;
  /** The layers inside. */
  readonly children: readonly NamedLayer[];
  /** Its tensors by what they are called within it, such as `weight`. */
  readonly tensors: ReadonlyMap<string, Parameter>;
}

/** Layers that take numbers: all but the one that makes numbers of tokens. */
export type NumbersOptions = Exclude<LayerOptions, { readonly type: 'embedding' }>;

/** The place of one. */
export type NumbersPlace = Place<NumbersOptions> & { readonly input: Shape };

/**
 * @param options of layers that follow each other
 * @param layers that were made from them
 * @param input what the first one sees
 * @returns each of them with what it was made from
 */
export function placesOf(
  options: readonly LayerOptions[],
  layers: readonly NamedLayer[],
  input: InputShape,
): Place[] {
  return layers.map(({ name, output, children = [], parameters, buffers = [] }, i) => ({
    options: options[i]!,
    name,
    input: layers[i - 1]?.output ?? input,
    output,
    children,
    tensors: new Map(
      [...parameters, ...buffers].map(({ parameter }) => [parameter.name.slice(name.length + 1), parameter]),
    ),
  }));
}

/** The two branches of a residual; no projection: an empty one. */
export function branchesOf(
  { options, children, name }: Place,
  input: Shape,
): { readonly layers: Place[]; readonly projection: Place[] } {
  if (options.type !== 'residual') throw new Error(`layer ${name} has no branches`);
  const count = options.layers.length;
  const ordered = inTorchOrder(input);
  return {
    layers: placesOf(options.layers, children.slice(0, count), ordered),
    projection: placesOf(options.projection ?? [], children.slice(count), ordered),
  };
}

/** The tensor of a layer that is known to have it. */
export function tensorOf({ tensors, name }: Place, key: string): Parameter {
  const tensor = tensors.get(key);
  if (tensor === undefined) throw new Error(`layer ${name} has no ${key}`);
  return tensor;
}

/** A layer that takes numbers, as building the model has made sure. */
export function numbersInto({ input, options, ...place }: Place): NumbersPlace {
  if (input.kind !== 'tokens' && options.type !== 'embedding') return { ...place, input, options };
  throw new Error(`layer ${place.name} (${options.type}) does not take numbers`);
}
