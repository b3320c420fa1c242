import { ConfigError, type EpochMetric } from '../../../config/index.js';
import { isStopped, type Surroundings } from '../../surroundings.js';
import type { Outcome, Until } from '../execute/protocol.js';
import type { ComparisonFolder } from '../folder.js';
import type { PlannedRun } from '../plan/variants.js';
import { beside, beyond, isSame, type Point } from './grid.js';
import { byStanding, epochsAfter, kept, type Standing } from './halving.js';
import type { TunedVariant } from './plan.js';
import { standingAt, type Trial, type TrialKind, type TriedPoint, trialOf, triedPoint } from './trials.js';

/** What came of tuning a variant. */
export interface Tuned {
  readonly variant: TunedVariant;
  /** The best point. */
  readonly best: TriedPoint;
  readonly tried: readonly TriedPoint[];
  /** Whether the best lies at the edge of what was tried, where a better one may lie beyond. */
  readonly isAtEdge: boolean;
}

/** So often grids may grow; further out everything is lost anyway. */
export const MOST_GROWTHS = 4;

/** What a search tells on its way. */
export type SearchEvent =
  /** Trials are trained to an epoch; those that are not there yet are left. */
  | {
      readonly type: 'rung';
      readonly epochs: number;
      readonly of: readonly number[];
      readonly trials: number;
      readonly left: readonly PlannedRun[];
    }
  /** The best of these variants lay at the edge of their grids: a further trial for each variant. */
  | {
      readonly type: 'grown';
      readonly variants: readonly string[];
      readonly trials: readonly string[];
      /** Whether all of them are trained already. */
      readonly isDone: boolean;
    }
  /** The best of these variants lay at the edge of their grids, which did not grow: it would have cost more than is allowed. */
  | { readonly type: 'not_grown'; readonly variants: readonly string[] };

export interface SearchOptions {
  /** Of the trials; this process's own. */
  readonly folder: ComparisonFolder;
  readonly rungs: readonly number[];
  readonly by: EpochMetric;
  /** Epochs that all trials together may take, where grids grow. */
  readonly budget: number;
  readonly onEvent: (event: SearchEvent) => void;
  /** Whether a run has something left to train until an epoch. */
  readonly isUnfinished: (name: string, until: number) => boolean;
  /** Trains runs until an epoch, and says how each ended. */
  readonly trainTo: (runs: readonly PlannedRun[], until: Until) => Promise<ReadonlyMap<string, Outcome>>;
  /** Told of every trial before it is begun. */
  readonly onTrials: (
    trials: readonly { readonly variant: string; readonly runs: readonly string[] }[],
  ) => void;
}

/** A variant while it is searched. */
interface State {
  readonly variant: TunedVariant;
  readonly trials: Trial[];
  /** Those that are still in it. */
  left: Trial[];
}

/**
 * Tries points of each variant by successive halving: all are trained to the first rung, the best third of each variant goes on
 * from where it stood to the next, and so on. Where the best one lies at the edge of its grid, the grid grows; each other
 * variant gets a further trial beside its best one then, so that all have as many. What was trained before is not trained again,
 * and what is decided depends on the figures alone: not on how many trials run at a time, nor on what was interrupted.
 *
 * @param variants what is tuned, and the points to begin with
 * @param options where trials are trained, and how
 * @param surroundings its signal ends the search, trials saved
 * @returns what came of each; null when it was told to stop
 */
export async function search(
  variants: readonly TunedVariant[],
  options: SearchOptions,
  surroundings: Surroundings,
): Promise<Tuned[] | null> {
  const { folder, rungs, by, onEvent, onTrials } = options;
  const outcomes = new Map<string, Outcome>();
  const order = byStanding(by);
  const names = new Set<string>();
  const make = (variant: TunedVariant, point: Point, kind: TrialKind): Trial => {
    const trial = trialOf(variant, point, kind, names);
    names.add(trial.run.name.toLowerCase());
    return trial;
  };
  const states = variants.map((variant): State => {
    const trials = variant.points.map((point) => make(variant, point, 'grid'));
    return { variant, trials, left: [...trials] };
  });
  let hasTrained = false;
  const train = async (trials: readonly Trial[], rung: number): Promise<boolean> => {
    onTrials(
      states.map(({ variant, trials }) => ({
        variant: variant.name,
        runs: trials.map(({ run }) => run.name),
      })),
    );
    const runs = trials.map(({ run }) => run).filter(({ name }) => options.isUnfinished(name, rung));
    hasTrained ||= runs.length > 0;
    onEvent({ type: 'rung', epochs: rung, of: rungs, trials: trials.length, left: runs });
    for (const [name, outcome] of await options.trainTo(runs, rung)) outcomes.set(name, outcome);
    return !isStopped(surroundings);
  };
  const standings = (trials: readonly Trial[], rung: number) => {
    const all = [...trials]
      .sort(byFirstValue)
      .map((trial): [Trial, Standing] => [
        trial,
        standingAt(folder.run(trial.run.name), rung, by, outcomes.get(trial.run.name)),
      ]);
    // A stable sort: of what is equal the lowest value comes first, as where all have diverged.
    return all.sort(([, a], [, b]) => order(a, b));
  };

  let growths = 0;
  let spent = 0;
  for (const [at, rung] of rungs.entries()) {
    spent += sumOf(states, ({ left }) => left.length) * (rung - (rungs[at - 1] ?? 0));
    if (
      !(await train(
        states.flatMap(({ left }) => left),
        rung,
      ))
    )
      return null;
    for (; growths < MOST_GROWTHS; growths++) {
      const further = states.map((state) => edgeOf(state, standings(state.left, rung)));
      const grown = states.map(({ variant }, i) => {
        const point = further[i];
        return point ? tryMake(() => make(variant, point, 'beyond')) : null;
      });
      if (grown.every((trial) => trial === null)) break;
      const growing = states.filter((_, i) => grown[i]).map(({ variant }) => variant.name);
      const toCome = sumOf(states, ({ left }) => rung + epochsAfter(left.length + 1, rungs, at));
      if (spent + toCome > options.budget) {
        // Where all of it is there already, it was said when it was trained.
        if (hasTrained) onEvent({ type: 'not_grown', variants: growing });
        growths = MOST_GROWTHS;
        break;
      }
      const added = states.flatMap((state, i): Trial[] => {
        const point = grown[i] ? null : besideBest(state, standings(state.left, rung));
        const trial = grown[i] ?? (point && tryMake(() => make(state.variant, point, 'beside')));
        if (trial === null) return [];
        state.trials.push(trial);
        state.left.push(trial);
        return [trial];
      });
      spent += added.length * rung;
      const trials = added.map(({ run }) => run.name);
      const isDone = !trials.some((name) => options.isUnfinished(name, rung));
      onEvent({ type: 'grown', variants: growing, trials, isDone });
      if (!(await train(added, rung))) return null;
    }
    if (rung === rungs.at(-1)) continue;
    for (const state of states) {
      const ranked = standings(state.left, rung).map(([trial]) => trial);
      state.left = ranked.slice(0, kept(ranked.length));
    }
  }
  return states.map((state): Tuned => {
    const ranked = standings(state.left, rungs.at(-1)!);
    const point = edgeOf(state, ranked);
    const described = new Map(
      state.trials.map((trial) => [
        trial,
        triedPoint(trial, folder.run(trial.run.name), rungs, by, outcomes.get(trial.run.name)),
      ]),
    );
    return {
      variant: state.variant,
      best: described.get(ranked[0]![0])!,
      tried: [...described.values()],
      isAtEdge: point !== null && tryMake(() => make(state.variant, point, 'beyond')) !== null,
    };
  });
}

const sumOf = (states: readonly State[], of: (state: State) => number): number =>
  states.reduce((sum, state) => sum + of(state), 0);

const byFirstValue = ({ point: [a] }: Trial, { point: [b] }: Trial): number =>
  typeof a === 'number' && typeof b === 'number' ? a - b : 0;

/** The point beyond the edge that the best one lies at; where all diverged, beyond the lowest values. */
function edgeOf({ variant, trials }: State, ranked: readonly (readonly [Trial, Standing])[]): Point | null {
  const tried = trials.map(({ point }) => point);
  const [best] = ranked;
  if (best === undefined) return null;
  return beyond(best[0].point, tried, variant.axes);
}

function besideBest(
  { variant, trials }: State,
  ranked: readonly (readonly [Trial, Standing])[],
): Point | null {
  const tried = trials.map(({ point }) => point);
  const place = (point: Point) => {
    const at = ranked.findIndex(([trial]) => isSame(trial.point, point));
    return at < 0 ? Number.POSITIVE_INFINITY : at;
  };
  return beside(ranked[0]![0].point, tried, variant.axes, (a, b) => place(a) < place(b));
}

/** Beyond an edge may lie what the configuration cannot have. */
function tryMake(make: () => Trial): Trial | null {
  try {
    return make();
  } catch (error) {
    if (error instanceof ConfigError) return null;
    throw error;
  }
}
