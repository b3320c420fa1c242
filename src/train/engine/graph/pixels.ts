import {
  type GraphBuilder,
  type Output,
  shapeAttribute,
  typeAttribute,
  typeNumberAttribute,
} from './graph-def.js';

/** What happens to the bytes of pixels before the model sees them. */
export interface PixelTransforms {
  /** Divide by 255. */
  readonly scale: boolean;
  /** Then, per channel, (x - mean) / std. */
  readonly normalize: { readonly mean: readonly number[]; readonly std: readonly number[] } | null;
}

/** TensorFlow's number for bytes, a type that tfjs does not have. */
const UINT8 = 4;

/** How many bytes travel as one number: tfjs has no tensors of bytes. */
export const BYTES_PER_NUMBER = 4;

/**
 * Turns bytes, a quarter of the floats to feed, into what the model sees, rounded wherever the loader rounds.
 *
 * @param graph where the nodes go
 * @param numbers the bytes, four in a number: [bytes / 4], int32
 * @param shape [images, height, width, channels]; their product a multiple of 4
 * @param transforms what to do
 * @returns float32 of that shape
 */
export function pixelsFromBytes(
  graph: GraphBuilder,
  numbers: Output,
  shape: readonly number[],
  { scale, normalize }: PixelTransforms,
): Output {
  const T = typeAttribute('float32');
  const bytes = graph.node('Bitcast', [numbers], {
    T: typeAttribute('int32'),
    type: typeNumberAttribute(UINT8),
  });
  const target = graph.constant(Int32Array.from(shape), 'int32', [shape.length]);
  const images = graph.node('Reshape', [bytes, target], {
    T: typeNumberAttribute(UINT8),
    Tshape: typeAttribute('int32'),
  });
  const floats = graph.node('Cast', [images], { SrcT: typeNumberAttribute(UINT8), DstT: T });
  // Of a constant, TensorFlow's optimiser would make a multiplication by the reciprocal, which rounds elsewhere.
  const constant = (values: readonly number[]) => {
    const value = graph.constant(Float32Array.from(values), 'float32', [values.length]);
    return graph.node('PlaceholderWithDefault', [value], {
      dtype: T,
      shape: shapeAttribute([values.length]),
    });
  };
  const scaled = scale ? graph.node('RealDiv', [floats, constant([255])], { T }) : floats;
  if (!normalize) return scaled;
  const centred = graph.node('Sub', [scaled, constant(normalize.mean)], { T });
  return graph.node('RealDiv', [centred, constant(normalize.std)], { T });
}
