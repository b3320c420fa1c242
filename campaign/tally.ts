import type { Failure, Kind, Trial } from './trial.js';

/** Of failures of the same kind, so many are kept. */
const KEPT = 3;

/** What a campaign found of one kind. */
export interface KindTally {
  trials: number;
  seconds: number;
  readonly counts: Record<string, number>;
  /** By what is wrong: how often, and the first of them. */
  readonly failures: Map<string, { times: number; readonly first: (Failure & { readonly trial: number })[] }>;
}

/** What a campaign has tried and found so far. */
export class Tally {
  readonly kinds = new Map<string, KindTally>();

  constructor(kinds: readonly Kind[]) {
    for (const { name } of kinds)
      this.kinds.set(name, { trials: 0, seconds: 0, counts: {}, failures: new Map() });
  }

  of(kind: string): KindTally {
    return this.kinds.get(kind)!;
  }

  get failures(): number {
    const times = [...this.kinds.values()].flatMap(({ failures }) => [...failures.values()]);
    return times.reduce((sum, each) => sum + each.times, 0);
  }

  /** @returns the failures that are worth showing */
  add(kind: string, number: number, { counts, failures }: Trial, seconds: number): Failure[] {
    const tally = this.of(kind);
    tally.trials += 1;
    tally.seconds += seconds;
    for (const [what, count] of Object.entries(counts))
      tally.counts[what] = (tally.counts[what] ?? 0) + count;
    return failures.filter((failure) => {
      const { what } = failure;
      const known = tally.failures.get(what) ?? { times: 0, first: [] };
      tally.failures.set(what, known);
      known.times += 1;
      const isShown = known.first.length < KEPT;
      if (isShown) known.first.push({ ...failure, trial: number });
      return isShown;
    });
  }
}
