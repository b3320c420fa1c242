import { type Tensor, tensorflow } from '../tensorflow.js';

/** So many numbers are added up one after the other. */
const FEW = 64;

/** TensorFlow's loops do so many neighbours at a time. */
const WIDE = 16;

/**
 * A sum of many numbers that is as precise as float32 allows. TensorFlow's own adds up one after the other whatever
 * does not lie side by side: a million of them leave four digits. Here a few are added up, then a few of those sums, and so on.
 *
 * @param x any shape
 * @param axes over which the sum goes, rising
 * @returns the sums, with length 1 along the axes
 */
export function sumOver(x: Tensor, axes: readonly number[]): Tensor {
  const tf = tensorflow();
  const product = (lengths: readonly number[]) => lengths.reduce((size, length) => size * length, 1);
  return neighbours(axes).reduceRight((sums, [first, last]) => {
    const [before, count, after] = [
      sums.shape.slice(0, first),
      product(sums.shape.slice(first, last + 1)),
      sums.shape.slice(last + 1),
    ];
    const total = sumMiddle(tf.reshape(sums, [product(before), count, product(after)]));
    return tf.reshape(total, [...before, ...Array<number>(last - first + 1).fill(1), ...after]);
  }, x);
}

/** The sum of each channel: [..., channels] to [channels]. */
export function channelSums(x: Tensor): Tensor {
  const channels = x.shape.at(-1)!;
  const rows = tensorflow().reshape(x, [1, x.size / channels, channels]);
  return tensorflow().reshape(sumMiddle(rows), [channels]);
}

/** How many rows of few channels make one that is wide enough for TensorFlow's loops. */
export function rowsOfWideRow(rows: number, channels: number): number {
  let joined = 1;
  while ((joined * channels) % WIDE !== 0 && rows % (2 * joined) === 0) joined *= 2;
  return joined;
}

/** [outer, count, inner] to [outer, inner] */
function sumMiddle(x: Tensor): Tensor {
  const tf = tensorflow();
  const [outer, count, inner] = x.shape as [number, number, number];
  // What lies side by side, TensorFlow adds up in this way itself.
  if (count <= FEW || inner === 1) return tf.sum(x, 1);
  const joined = rowsOfWideRow(count, inner);
  const [rows, width] = [count / joined, joined * inner];
  const rest = rows % FEW;
  const wide = tf.reshape(x, [outer, rows, width]);
  const part = (from: number, each: number, parts: number) => {
    const own = each * parts === rows ? wide : tf.slice(wide, [0, from, 0], [outer, each * parts, width]);
    return tf.reshape(tf.sum(tf.reshape(own, [outer * parts, each, width]), 1), [
      outer,
      parts * joined,
      inner,
    ]);
  };
  const sums = [
    ...(rows > rest ? [part(0, FEW, (rows - rest) / FEW)] : []),
    ...(rest > 0 ? [part(rows - rest, rest, 1)] : []),
  ];
  return sumMiddle(sums.length === 1 ? sums[0]! : tf.concat(sums, 1));
}

/** Axes as runs of neighbours, [first, last]. */
function neighbours(axes: readonly number[]): [number, number][] {
  const runs: [number, number][] = [];
  for (const axis of axes) {
    const run = runs.at(-1);
    if (run && run[1] === axis - 1) run[1] = axis;
    else runs.push([axis, axis]);
  }
  return runs;
}
