import type { FeaturesShape, ImageShape } from '../../../model/shape.js';
import type { Numbers } from './dtypes.js';
import { describeShape, elementsOf } from './npy.js';
import type { ArraysOptions } from './options.js';
import { type NamedArray, refuse } from './places.js';

/** What the inputs are taken for, decided on those that are trained on. */
export type InputKind =
  | {
      readonly kind: 'image';
      readonly shape: ImageShape;
      readonly isFirst: boolean;
      /** What a value is multiplied by to be a byte: 255 where they are bytes / 255. */
      readonly scale: 1 | 255;
    }
  | { readonly kind: 'features'; readonly shape: FeaturesShape; readonly isBoolean: boolean };

/** Inputs of a part, a sample after the other. Of images [samples, height, width, channels] bytes. */
export interface PartInputs {
  readonly records: number;
  readonly values: Numbers;
}

/** More would make a record of the run that nothing can read. */
const MOST_FEATURES = 1_000_000;
const FLATTEN = 'or take all values of a sample as features: flatten: true';
const COLOURS = [1, 3];
/** How far bytes / 255 may be off in a type, as a share of them. */
const ROUNDING: Readonly<Record<string, number>> = {
  float16: 2 ** -10,
  float32: 2 ** -22,
  float64: 2 ** -51,
};

/**
 * Decides whether inputs are images or features.
 *
 * @param array [n, features], [n, height, width], or of four dimensions with channels first or last
 * @param options imageOrder, flatten
 * @returns what they are
 * @throws DataError for other shapes, for values that are no bytes of images, and where the channels could be on both ends
 */
export function inputKindOf(
  array: NamedArray,
  { imageOrder, flatten }: Pick<ArraysOptions, 'imageOrder' | 'flatten'>,
): InputKind {
  const { shape, type } = array;
  const told = `has the shape ${describeShape(shape)}`;
  if (shape.length === 0)
    throw refuse(array, 'is a single number', 'its first dimension must be the samples');
  if (elementsOf(shape) === 0) throw refuse(array, `${told}: there are no values`);
  const isImage = !flatten && (shape.length === 3 || shape.length === 4);
  if (imageOrder !== null && !(isImage && shape.length === 4)) {
    const message = `${told}${flatten ? ' and is flattened' : ''}: image_order is of images with channels, [n, height, width, channels] or [n, channels, height, width]`;
    throw refuse({ ...array, key: 'imageOrder' }, message, 'leave image_order out');
  }
  if (!isImage) {
    if (shape.length !== 2 && !flatten) {
      throw refuse(
        array,
        `${told}: inputs are [n, features], or images [n, height, width], [n, height, width, channels] or [n, channels, height, width]`,
        `reshape it${shape.length === 1 ? ': x.reshape(-1, 1)' : ''}, ${FLATTEN}`,
      );
    }
    const features = shape.slice(1).reduce((product, size) => product * size, 1);
    if (features > MOST_FEATURES) throw refuse(array, `${told}: 1,000,000 features are the most`);
    return { kind: 'features', shape: { kind: 'features', features }, isBoolean: type.name === 'bool' };
  }
  const isFirst = shape.length === 4 && isChannelsFirst(array, imageOrder);
  const [height = 1, width = 1, channels = 1] = isFirst ? [shape[2], shape[3], shape[1]] : shape.slice(1);
  return {
    kind: 'image',
    shape: { kind: 'image', channels, height, width },
    isFirst,
    scale: scaleOf(array),
  };
}

/**
 * Makes a part's inputs, as those that are trained on were taken.
 *
 * @param array of the part
 * @param kind what they are
 * @returns the inputs; images as bytes, channels last
 * @throws DataError where its samples have another shape, or values are not finite or no bytes
 */
export function partInputs(array: NamedArray, kind: InputKind): PartInputs {
  const { shape, type, values } = array;
  const records = shape[0] ?? 0;
  refuseNotFinite(
    array,
    'inputs',
    'leave such samples out: keep = np.isfinite(x).reshape(len(x), -1).all(axis=1); or fill in: np.nan_to_num(x)',
  );
  if (kind.kind === 'features') return { records, values };
  const bytes = type.name === 'uint8' ? (values as Uint8Array) : bytesOf(array, kind.scale);
  return { records, values: kind.isFirst ? channelsLast(bytes, kind.shape) : bytes };
}

/** Where a value is, as NumPy says it: [3, 0]. */
export function positionOf(at: number, shape: readonly number[]): string {
  let rest = at;
  const index = [...shape].reverse().map((size) => {
    const own = rest % size;
    rest = Math.floor(rest / size);
    return own;
  });
  return `[${index.reverse().join(', ')}]`;
}

/** @throws DataError for NaN and infinities, with the first place and how many there are */
export function refuseNotFinite(array: NamedArray, what: string, remedy: string): void {
  const { values, shape } = array;
  if (!(values instanceof Float32Array || values instanceof Float64Array)) return;
  let [first, count] = [-1, 0];
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(values[i])) continue;
    if (count === 0) first = i;
    count += 1;
  }
  if (count === 0) return;
  const more = count === 1 ? '' : `, and ${count - 1} more such ${count === 2 ? 'value' : 'values'}`;
  throw refuse(
    array,
    `has ${values[first]} at ${positionOf(first, shape)}${more}: ${what} must be finite`,
    remedy,
  );
}

function isChannelsFirst(array: NamedArray, told: ArraysOptions['imageOrder']): boolean {
  if (told !== null) return told === 'channels_first';
  const { shape } = array;
  const [first, last] = [COLOURS.includes(shape[1]!), COLOURS.includes(shape[3]!)];
  if (first !== last) return first;
  throw refuse(
    { ...array, key: 'imageOrder' },
    `has the shape ${describeShape(shape)}: the channels may be ${first ? 'on both ends' : 'on either end, as none of them is 1 or 3'}`,
    `say which: image_order: channels_first (PyTorch) or channels_last (TensorFlow, Pillow); ${FLATTEN}`,
  );
}

/** Whether an array other than of uint8 has bytes, or bytes / 255. */
function scaleOf(array: NamedArray): 1 | 255 {
  const { type, values } = array;
  if (type.name === 'uint8') return 1;
  if (type.name === 'bool') return 255;
  // What is not finite is refused with its position, later.
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, values[i]!);
  if (type.name.startsWith('float') || type.name === 'bfloat16') return most <= 1 ? 255 : 1;
  if (most > 1) return 1;
  throw refuse(
    array,
    `has no value above 1, as ${type.name}: as bytes of images all of them would be nearly black`,
    `save bytes: (x * 255).astype(np.uint8); ${FLATTEN}`,
  );
}

/** Exact ones alone: what is rounded here would be other data. */
function bytesOf(array: NamedArray, scale: 1 | 255): Uint8Array {
  const { values, shape, type } = array;
  const bytes = new Uint8Array(values.length);
  // What the type rounds, and a product with 1 / 255; of bfloat16 bytes / 255 would be other bytes.
  const allowed = ROUNDING[type.name] ?? 0;
  for (let i = 0; i < values.length; i++) {
    const byte = values[i]! * scale;
    const whole = Math.round(byte);
    if (whole < 0 || whole > 255 || Math.abs(byte - whole) > (scale === 1 ? 0 : allowed * whole)) {
      const told =
        scale === 255 ? 'images of floats from 0 to 1 must be bytes / 255' : 'images must be bytes, 0 to 255';
      throw refuse(
        array,
        `(${type.name}) has ${values[i]} at ${positionOf(i, shape)}: ${told}`,
        scale === 255
          ? 'save bytes: np.round(x * 255).astype(np.uint8)'
          : 'save bytes, before they are normalised: x.astype(np.uint8); transforms.normalize does it here',
        FLATTEN,
      );
    }
    bytes[i] = whole;
  }
  return bytes;
}

function channelsLast(bytes: Uint8Array, { channels, height, width }: ImageShape): Uint8Array {
  if (channels === 1) return bytes;
  const pixels = height * width;
  const ordered = new Uint8Array(bytes.length);
  for (let image = 0; image < bytes.length; image += pixels * channels) {
    for (let channel = 0; channel < channels; channel++) {
      const from = image + channel * pixels;
      for (let at = 0; at < pixels; at++) ordered[image + at * channels + channel] = bytes[from + at]!;
    }
  }
  return ordered;
}
