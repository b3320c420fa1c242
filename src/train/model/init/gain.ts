/** PyTorch's names of what follows a layer: `linear` and the convolutions mean that nothing does. */
export type Nonlinearity =
  | 'linear'
  | 'conv1d'
  | 'conv2d'
  | 'conv3d'
  | 'conv_transpose1d'
  | 'conv_transpose2d'
  | 'conv_transpose3d'
  | 'sigmoid'
  | 'tanh'
  | 'relu'
  | 'leaky_relu'
  | 'selu';

/** A factor above 0, or the nonlinearity that it is recommended for. */
export type Gain = number | Nonlinearity;

/**
 * The factor on initial weights that makes up for what a nonlinearity does to the size of its inputs.
 *
 *     linear, convolutions, sigmoid  1
 *     tanh                           5 / 3
 *     relu                           sqrt(2)
 *     leaky_relu                     sqrt(2 / (1 + negative_slope²))
 *     selu                           3 / 4
 *
 * @param nonlinearity what follows the layer
 * @param param the negative slope of leaky_relu, default 0.01; the others have none
 * @returns the recommended gain
 * @source https://docs.pytorch.org/docs/stable/nn.init.html#torch.nn.init.calculate_gain
 */
export function calculateGain(nonlinearity: Nonlinearity, param = 0.01): number {
  switch (nonlinearity) {
    case 'linear':
    case 'conv1d':
    case 'conv2d':
    case 'conv3d':
    case 'conv_transpose1d':
    case 'conv_transpose2d':
    case 'conv_transpose3d':
    case 'sigmoid':
      return 1;
    case 'tanh':
      return 5 / 3;
    case 'relu':
      return Math.sqrt(2);
    case 'leaky_relu':
      return Math.sqrt(2 / (1 + param * param));
    case 'selu':
      return 3 / 4;
  }
}

/** The number that a gain stands for. */
export function gainFactor(gain: Gain): number {
  return typeof gain === 'number' ? gain : calculateGain(gain);
}
