import type { Group } from '../../src/train/parallel/group.js';

/** What the ranks of a group in one process meet at: each waits until all have brought something. */
class Meeting {
  #brought: Float32Array[] = [];
  #waiting: ((all: readonly Float32Array[]) => void)[] = [];

  constructor(private readonly size: number) {}

  bring(rank: number, values: Float32Array): Promise<readonly Float32Array[]> {
    this.#brought[rank] = values.slice();
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (this.#waiting.length < this.size) return;
      const [all, waiting] = [this.#brought, this.#waiting];
      [this.#brought, this.#waiting] = [[], []];
      for (const tell of waiting) tell(all);
    });
  }
}

/** Ranks that are functions of one process. */
export function memoryGroup(size: number): Group[] {
  const meeting = new Meeting(size);
  const joined = (all: readonly Float32Array[]) => {
    const whole = new Float32Array(all.length * all[0]!.length);
    for (const [i, values] of all.entries()) whole.set(values, i * values.length);
    return whole;
  };
  return Array.from({ length: size }, (_, rank) => ({
    rank,
    size,
    async allReduce(values) {
      const all = await meeting.bring(rank, values);
      values.fill(0);
      for (const own of all) for (const [i, value] of own.entries()) values[i]! += value;
    },
    async addParts(parts, length) {
      const all = joined(await meeting.bring(rank, parts));
      const sum = all.slice(0, length);
      for (let at = length; at < all.length; at++) sum[at % length]! += all[at]!;
      return sum;
    },
    async gather(values) {
      return joined(await meeting.bring(rank, values));
    },
    async leave() {},
  }));
}
