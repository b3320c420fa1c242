/**
 * A step of several processes on paper. All of it is a sum, as nothing of it overlaps: a rank computes its own samples, then
 * all vectors are added up.
 *
 *     step    = s * compute + carry
 *     compute = perStep + perSample * batch / ranks
 *     carry   = count * (perMessage + latency + bytes * (s * perByte + 1 / bytesPerSecond))
 *
 * `count` messages of `bytes` follow each other, and depend on how the sums are made (`messagesOf`). `s` is by how many ranks a
 * core is shared: all of them compute and copy at the same time. It is not by what a message takes longer, which is waiting for
 * threads to wake up, and leaves the core to others.
 */

/** How the sums of a step are made: by a ring of TensorFlow's, or the parts gathered and added up in their order. */
export type Way = 'ring' | 'ordered';

/** What computing a step takes, in seconds, with one core for each rank. */
export interface Compute {
  readonly perStep: number;
  readonly perSample: number;
}

/** What the program itself takes to carry messages, in seconds: to wake up, and to copy, pack and add up. */
export interface Carriage {
  readonly perMessage: number;
  readonly perByte: number;
}

/** What lies between the ranks. */
export interface Link {
  /** Of a rank's own connection, each way, for what is in the packets; Infinity: as fast as the machine copies. */
  readonly bytesPerSecond: number;
  /** Seconds from one rank to another. */
  readonly latency: number;
}

/** What is to be told the time of. */
export interface Situation {
  readonly way: Way;
  readonly ranks: number;
  /** By how many ranks a core is shared. */
  readonly share: number;
  /** Of all ranks together. */
  readonly batch: number;
  /** Of the vector of one part: gradients, buffers, sums. */
  readonly bytes: number;
  readonly link: Link;
}

/**
 * Messages that one rank receives in a step, one after the other. `ring`: the vector in as many pieces as there are ranks goes
 * around twice, once to be added up and once to be handed out. `ordered`: each rank's part goes around whole, once.
 *
 * @param way how the sums are made; ordered with one part for each rank
 * @param ranks how many
 * @param bytes of the vector
 * @returns how many messages, and how large each is
 * @source https://doi.org/10.1016/j.jpdc.2008.09.002
 */
export function messagesOf(way: Way, ranks: number, bytes: number): { count: number; bytes: number } {
  return way === 'ring' ? { count: 2 * (ranks - 1), bytes: bytes / ranks } : { count: ranks - 1, bytes };
}

/**
 * @param about ranks, vector and what lies between them
 * @param carriage what the program takes
 * @returns seconds of a step in which a rank adds up with the others
 */
export function carrySeconds({ way, ranks, share, bytes, link }: Situation, carriage: Carriage): number {
  const { count, bytes: each } = messagesOf(way, ranks, bytes);
  const perByte = share * carriage.perByte + 1 / link.bytesPerSecond;
  return count * (carriage.perMessage + link.latency + each * perByte);
}

/**
 * @param about ranks, batch, vector and what lies between them
 * @param compute what a rank's samples take
 * @param carriage what messages take
 * @returns seconds of a whole step
 */
export function stepSeconds(about: Situation, compute: Compute, carriage: Carriage): number {
  const own = compute.perStep + (compute.perSample * about.batch) / about.ranks;
  return about.share * own + carrySeconds(about, carriage);
}

/**
 * @param points samples of a step, and the seconds that it took
 * @returns the line through them, each point with the same relative weight
 */
export function fitCompute(
  points: readonly { readonly samples: number; readonly seconds: number }[],
): Compute {
  const rows = points.map(({ samples, seconds }) => ({ a: 1, b: samples, y: seconds }));
  const [perStep, perSample] = leastSquares(rows);
  return { perStep, perSample };
}

/**
 * @param points what was measured without a limit to the network, and the seconds beyond computing
 * @returns what messages take, each point with the same relative weight
 */
export function fitCarriage(
  points: readonly { readonly about: Situation; readonly seconds: number }[],
): Carriage {
  const rows = points.map(({ about, seconds }) => {
    const { count, bytes } = messagesOf(about.way, about.ranks, about.bytes);
    return { a: count, b: count * bytes * about.share, y: seconds };
  });
  const [perMessage, perByte] = leastSquares(rows);
  return { perMessage, perByte };
}

interface Row {
  readonly a: number;
  readonly b: number;
  readonly y: number;
}

/** Least squares of `(a p + b q) / y - 1`; neither is below 0, as nothing takes less than no time. */
function leastSquares(rows: readonly Row[]): [number, number] {
  const scaled = rows.map(({ a, b, y }) => ({ a: a / y, b: b / y }));
  const sum = (of: (row: { a: number; b: number }) => number) =>
    scaled.reduce((total, row) => total + of(row), 0);
  const [aa, ab, bb] = [sum(({ a }) => a * a), sum(({ a, b }) => a * b), sum(({ b }) => b * b)];
  const [ay, by] = [sum(({ a }) => a), sum(({ b }) => b)];
  const det = aa * bb - ab * ab;
  const [p, q] = [(ay * bb - by * ab) / det, (aa * by - ab * ay) / det];
  if (p < 0) return [0, by / bb];
  if (q < 0) return [ay / aa, 0];
  return [p, q];
}
