import { RandomStream } from '../src/train/random.js';

/** The choices of one trial: a pure function of the campaign's seed, the kind and the trial's number. */
export class Random {
  readonly #stream: RandomStream;

  constructor(seed: number, ...key: readonly (string | number)[]) {
    this.#stream = new RandomStream(seed, 'shapes', 'campaign', ...key);
  }

  /** A whole number from 0 to `bound` - 1. */
  below(bound: number): number {
    return this.#stream.integer(bound);
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  chance(share: number): boolean {
    return this.#stream.float() < share;
  }

  uniform(low: number, high: number): number {
    return this.#stream.uniform(low, high);
  }

  /** One of several, at least one. */
  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!;
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)));
  }
}
