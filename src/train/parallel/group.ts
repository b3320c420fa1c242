import { LossnetError } from '../../base/errors.js';

/** One of several processes that train one model. */
export interface Rank {
  /** Counted from 0: rank 0 writes the run. */
  readonly rank: number;
  /** How many there are. */
  readonly size: number;
}

/**
 * The processes that train one model, seen from one of them. All of them call the same functions in the same order; each
 * call ends within the time that was set, one way or the other. What carries the numbers is the business of whoever makes
 * the group.
 */
export interface Group extends Rank {
  /**
   * Adds up the vectors of all ranks, in the order that is fastest: the same for the same number of ranks.
   *
   * @param values as long on every rank; replaced by the sum
   * @throws RankError when another rank does not take part
   */
  allReduce(values: Float32Array): Promise<void>;
  /**
   * Adds up the parts of all ranks one after the other, in the order of the ranks: the same bytes however they are shared out.
   *
   * @param parts [own parts, length] one after the other, as many on every rank; what is in them afterwards is not said
   * @param length of a part
   * @returns the sum, [length]: borrowed until the next call, and from `parts` too
   * @throws RankError when another rank does not take part
   */
  addParts(parts: Float32Array, length: number): Promise<Float32Array>;
  /**
   * @param values as long on every rank; any bytes may lie in them
   * @returns those of all ranks, [size, length], in the order of the ranks
   * @throws RankError when another rank does not take part
   */
  gather(values: Float32Array): Promise<Float32Array>;
  /** Tells the others that this rank is done, and waits for them, but for no longer than the time that was set. */
  leave(): Promise<void>;
}

/** What several processes cannot go on for: another of them has failed, or never came. */
export class RankError extends LossnetError {}

/** One process alone: it has all parts. */
export class LoneGroup implements Group {
  readonly rank = 0;
  readonly size = 1;

  async allReduce(): Promise<void> {}

  async addParts(parts: Float32Array, length: number): Promise<Float32Array> {
    const sum = parts.subarray(0, length);
    for (let first = length; first < parts.length; first += length) {
      for (let i = 0; i < length; i++) sum[i]! += parts[first + i]!;
    }
    return sum;
  }

  async gather(values: Float32Array): Promise<Float32Array> {
    return values;
  }

  async leave(): Promise<void> {}
}
