/** Filters of the convolutions, one stage after the other: each halves the image. */
const WIDTHS = [16, 32, 64, 64] as const;
/** Smaller than this, an image is not halved again. */
const SMALLEST_SIDE = 4;

/**
 * Lines of a small convolutional network: as many stages as leave at least 4 pixels a side.
 *
 * @param height of the images
 * @param width of the images
 * @param outputs how many values the last layer gives, and what they are
 * @returns entries of `model`
 */
export function convolutional(
  height: number,
  width: number,
  outputs: { readonly count: number; readonly are: string },
): string[] {
  const stages = Math.max(0, Math.floor(Math.log2(Math.min(height, width) / SMALLEST_SIDE)));
  return [
    ...WIDTHS.slice(0, stages).flatMap((filters, i) => [
      `  - { type: conv2d, out_channels: ${filters}, kernel_size: 3, padding: 1 } # ${filters} x ${height >> i} x ${width >> i}`,
      '  - { type: batch_norm2d }',
      '  - { type: relu }',
      '  - { type: max_pool2d, kernel_size: 2 }',
    ]),
    '  - { type: flatten }',
    '  - { type: dropout, p: 0.3 }',
    `  - { type: linear, out_features: ${outputs.count} } # ${outputs.are}`,
  ];
}

/**
 * Lines of a network for features.
 *
 * @param inputs how many there are, in words
 * @param width of its two hidden layers
 * @param outputs how many values the last layer gives, and what they are
 * @returns entries of `model`
 */
export function perceptron(
  inputs: string,
  width: number,
  outputs: { readonly count: number; readonly are: string },
): string[] {
  return [
    `  - { type: linear, out_features: ${width} } # from ${inputs}`,
    '  - { type: relu }',
    `  - { type: linear, out_features: ${width} }`,
    '  - { type: relu }',
    `  - { type: linear, out_features: ${outputs.count} } # ${outputs.are}`,
  ];
}

/** Of few samples of few features a smaller network. */
export const widthFor = (inputs: number, samples: number): number =>
  inputs < 10 && samples < 1000 ? 32 : 64;
