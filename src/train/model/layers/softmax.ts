import { type Tensor, tensorflow } from '../../backend/tensorflow.js';
import { type Layer, type LayerContext, LayerError } from '../layer.js';
import { engineAxis } from '../order.js';
import { anyNumbers, nameShape } from '../shape.js';

export interface SoftmaxOptions {
  readonly type: 'softmax' | 'log_softmax';
  /** null: 1 */
  readonly dim: number | null;
}

/**
 * Probabilities, or their logarithms, which stay exact where a probability would round to 0.
 *
 *     softmax(x)[i] = exp(x[i]) / sum over j of exp(x[j]),   log_softmax(x) = log(softmax(x))
 *
 * `cross_entropy` has it inside: a model that is trained with it ends without.
 *
 * @param options dim, along which the probabilities add up to 1, the batch being 0; default 1, for a sequence to be named
 * @param context input shape, any
 * @returns the layer; it has no parameters
 * @throws LayerError when there is no such dimension
 * @source https://docs.pytorch.org/docs/stable/generated/torch.nn.Softmax.html
 */
export function softmax({ type, dim }: SoftmaxOptions, { input }: LayerContext): Layer {
  if (dim === null && input.kind === 'sequence') {
    throw new LayerError(
      `${type} on ${nameShape(input)} needs a dim`,
      'Add dim: 1 for probabilities over the length, dim: 2 over the features.',
    );
  }
  const axis = engineAxis(input, dim ?? 1);
  if (axis === null) {
    const highest = { image: 3, features: 1, sequence: 2 }[input.kind];
    throw new LayerError(
      `${type} has no dim ${dim} on ${nameShape(input)}`,
      `Choose 1 to ${highest}, or ${-highest} to -1; 0 is the batch.`,
    );
  }
  return {
    type,
    output: anyNumbers(input),
    parameters: [],
    forward: (x) => alongLast(x, axis, (y) => tensorflow()[type === 'softmax' ? 'softmax' : 'logSoftmax'](y)),
  };
}

/** tfjs has both along the last axis alone. */
function alongLast(x: Tensor, axis: number, f: (x: Tensor) => Tensor): Tensor {
  const last = x.rank - 1;
  if (axis === last) return f(x);
  const swapped = Array.from({ length: x.rank }, (_, i) => (i === axis ? last : i === last ? axis : i));
  return tensorflow().transpose(f(tensorflow().transpose(x, swapped)), swapped);
}
