import { LossnetError } from '../../../base/errors.js';

export interface Fans {
  /** Number of inputs that one output sums over. */
  readonly fanIn: number;
  /** Number of outputs that one input takes part in, were there a position of the kernel for each. */
  readonly fanOut: number;
}

/**
 * How many values a weight joins.
 *
 *     fan_in  = shape[1] * product(shape[2:])
 *     fan_out = shape[0] * product(shape[2:])
 *
 * With groups, fan_out counts the outputs of all groups, as PyTorch's does.
 *
 * @param shape of the weight: [out, in], [out, in / groups, kernel height, kernel width]
 * @returns both numbers
 * @throws LossnetError when there are fewer than 2 dimensions
 * @source https://github.com/pytorch/pytorch/blob/v2.13.0/torch/nn/init.py, `_calculate_fan_in_and_fan_out`
 */
export function fans(shape: readonly number[]): Fans {
  const [outputs, inputs, ...kernel] = shape;
  if (outputs === undefined || inputs === undefined) {
    throw new LossnetError(
      'LOSSNET_INITIALIZER_IMPOSSIBLE',
      `A tensor of shape [${shape.join(', ')}] has no fan_in and fan_out: they need at least 2 dimensions.`,
    );
  }
  const positions = kernel.reduce((product, size) => product * size, 1);
  return { fanIn: inputs * positions, fanOut: outputs * positions };
}
