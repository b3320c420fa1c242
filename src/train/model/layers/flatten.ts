import { tensorflow } from '../../backend/tensorflow.js';
import { type Layer, type LayerContext, LayerError } from '../layer.js';
import { channelsFirst } from '../order.js';
import { dimensions, nameShape, type Shape } from '../shape.js';

export interface FlattenOptions {
  readonly type: 'flatten';
  readonly startDim: number;
  readonly endDim: number;
}

/**
 * Makes several dimensions one. All of an image: a vector. PyTorch's order is channel, row, column; the engine keeps
 * its own (row, column, channel) and says so in the output shape, so that the next layer permutes its weights instead
 * of every batch. With startDim 1 and endDim 2 an image becomes a sequence of its channels' rows, with startDim 2 one
 * of its channels.
 *
 * @param options startDim, default 1, and endDim, default -1: the first and the last dimension that become one; 0 is
 * the batch, negative ones count from the end
 * @param context input shape
 * @returns the layer; it has no parameters
 * @throws LayerError when there are no such dimensions
 * @source https://docs.pytorch.org/docs/stable/generated/torch.nn.Flatten.html
 */
export function flatten(options: FlattenOptions, { input }: LayerContext): Layer {
  const [start, end] = range(options, input);
  const layer = { type: options.type, parameters: [] };
  if (start === end) return { ...layer, output: input, forward: (x) => x };
  const sizes = dimensions(input);
  const product = (values: readonly number[]) => values.reduce((a, b) => a * b, 1);
  const whole = product(sizes);
  const { wholeBelow } = input;
  const values = wholeBelow === undefined ? {} : { wholeBelow };
  if (start === 1 && end === sizes.length) {
    const flattened = input.kind === 'image' ? { flattened: input } : {};
    return {
      ...layer,
      output: { kind: 'features', features: whole, ...flattened, ...values },
      forward: (x) => tensorflow().reshape(x, [x.shape[0]!, whole]),
    };
  }
  // Of an image, the only shape with dimensions left over: [channels x height, width] or [channels, height x width].
  const length = start === 1 ? sizes[0]! * sizes[1]! : sizes[0]!;
  return {
    ...layer,
    output: { kind: 'sequence', length, features: whole / length, ...values },
    forward: (x) => tensorflow().reshape(channelsFirst(x), [x.shape[0]!, length, whole / length]),
  };
}

function range({ startDim, endDim }: FlattenOptions, input: Shape): readonly [number, number] {
  const rank = dimensions(input).length + 1;
  const [start, end] = [startDim, endDim].map((dim) => (dim < 0 ? rank + dim : dim)) as [number, number];
  if (start < 1 || end >= rank || start > end) {
    throw new LayerError(
      `flatten cannot join dimensions ${startDim} to ${endDim} of ${nameShape(input)}`,
      `Dimensions are 1 to ${rank - 1}, or ${1 - rank} to -1; 0 is the batch and stays.`,
    );
  }
  return [start, end];
}
