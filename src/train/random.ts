import { createHash } from 'node:crypto';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';

/** The independent uses of randomness in a run. Drawing from one never shifts another. */
export type StreamName =
  | 'init'
  | 'shuffle'
  | 'sampler'
  | 'augment'
  | 'dropout'
  | 'shapes'
  | 'split'
  | 'text'
  | 'bootstrap'
  | 'generate'
  | 'export'
  | 'paths'
  | 'landscape';

/**
 * One stream of random numbers, a pure function of the run's seed and a key such as `('shuffle', epoch)`.
 *
 * Because every epoch, batch and parameter has its own key, a stream is never carried over: whoever knows the
 * seed and the position can draw the same numbers again. That is why a checkpoint needs no generator state to
 * resume exactly, and why adding a layer does not change the order of the batches.
 *
 * The key is hashed (SHA-256) into the 128-bit state of xoroshiro128+ (pure-rand): neighbouring keys give
 * unrelated streams. Reference: Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2018.
 */
export class RandomStream {
  readonly #generator;

  constructor(seed: number, name: StreamName, ...key: readonly (number | string)[]) {
    const hash = createHash('sha256')
      .update(JSON.stringify([seed, name, ...key]))
      .digest();
    this.#generator = xoroshiro128plusFromState([0, 4, 8, 12].map((offset) => hash.readInt32LE(offset)));
  }

  /** 32 random bits as a signed integer. */
  bits(): number {
    return this.#generator.next();
  }

  /** Uniform in [0, 1) with 24 random bits: every value is exact in float32. */
  float(): number {
    return (this.#generator.next() >>> 8) / 0x1000000;
  }

  /** Uniform in [low, high). */
  uniform(low: number, high: number): number {
    return low + (high - low) * this.float();
  }

  /**
   * Normal with mean 0 and standard deviation 1, from two uniform numbers u and v (Box and Muller).
   *
   *     x = sqrt(-2 ln(1 - u)) cos(2 pi v)
   *
   * The second number that the method can give is left out: kept for later it would be hidden state, and what
   * is drawn next would depend on it. With 24 random bits |x| is at most 5.77.
   */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.float()));
    return radius * Math.cos(2 * Math.PI * this.float());
  }

  /** Uniform integer in [0, bound), without modulo bias. `bound` is at most 2^32. */
  integer(bound: number): number {
    const limit = Math.floor(0x100000000 / bound) * bound;
    let value = this.#generator.next() >>> 0;
    while (value >= limit) value = this.#generator.next() >>> 0;
    return value % bound;
  }

  /** A uniformly random order of 0 … length - 1 (Fisher and Yates). */
  permutation(length: number): Uint32Array {
    const order = Uint32Array.from({ length }, (_, i) => i);
    for (let i = length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const swapped = order[i]!;
      order[i] = order[j]!;
      order[j] = swapped;
    }
    return order;
  }
}
