import { type LoopParts, trainEpoch } from './loop.js';
import { addBatch, emptyTally, lossAsOneBatch } from './metrics.js';

/**
 * How a short training at one learning rate went: `stable`, it came as far as the range test and stayed there; `rose`, it lost
 * again what it had gained; `flat`, it did not come so far in all its steps; `diverged`, its loss was gone.
 */
export type LrTrialStatus = 'stable' | 'rose' | 'flat' | 'diverged';

/** A short training at one learning rate. */
export interface LrTrial {
  readonly lr: number;
  readonly status: LrTrialStatus;
  /** Mean loss of the last quarter of its steps; null: it diverged. */
  readonly end: number | null;
  /** Of each step that was made. */
  readonly losses: readonly number[];
}

/** What a trial is held against, and how long it may take. */
export interface LrTrialGoal {
  /** Loss of the untrained model. */
  readonly start: number;
  /** How far the loss fell in the range test. */
  readonly fall: number;
  /** It takes no fewer steps than these … */
  readonly least: number;
  /** … and goes on up to these while it has not come as far as it is to. */
  readonly most: number;
}

/** A trial has come far enough with this share of the fall in the range test. */
const COME = 0.5;
/** It has risen again when this share of its own fall is lost. */
const LOST = 0.25;
/** One rate is worse than another whose fall is larger by this share, noise apart. */
const WORSE = 0.1;
/** A loss above so many times that of the untrained model will not come back. As in the range test. */
const GONE = 4;
/** Differences of so many standard errors are no noise … */
const ERRORS = 2;
/** … but the least of eight means lies low by chance, and each strays further than that of a quarter. */
const LOW_BY_CHANCE = 4;

/**
 * Trains for a short while at one learning rate. The parts are used up by it.
 *
 * @param parts model, with its first weights, optimizer and data; their schedule is not followed
 * @param lr the learning rate
 * @param goal how far it is to come, and in how many steps
 * @param scales the learning rates of the optimizer's further groups, as multiples of that of the first
 * @returns yields the loss of each step; returns how it went
 */
export function* lrTrial(
  parts: LoopParts,
  lr: number,
  goal: LrTrialGoal,
  scales: readonly number[] = [],
): Generator<number, LrTrial> {
  const { reduction, task } = parts.program;
  const rates = { lr, momentum: null, groupLrs: scales.map((scale) => scale * lr) };
  const losses: number[] = [];
  const check = Math.max(1, goal.least >> 2);
  for (let epoch = 0; ; epoch++) {
    const from = { batch: 0, step: losses.length };
    for (const made of trainEpoch({ ...parts, schedule: () => rates, watchEvery: null }, epoch, from)) {
      if (made.diverged) return { lr, status: 'diverged', end: null, losses };
      const tally = emptyTally(task);
      for (const batch of made.batches) addBatch(tally, batch);
      const loss = lossAsOneBatch(tally, reduction);
      losses.push(loss);
      yield loss;
      const { length } = losses;
      const isDue = length >= goal.least && (length - goal.least) % check === 0;
      const status = isDue || length === goal.most ? judgeTrial(losses, goal) : 'flat';
      if (status !== 'flat' || length >= goal.most) {
        return { lr, status, end: status === 'diverged' ? null : lastQuarter(losses).mean, losses };
      }
    }
  }
}

/**
 * Judges the losses of a trial.
 *
 *     end = mean of the last quarter,   lowest = least mean of an eighth
 *     diverged: the last eighth lies above four times start
 *     rose:     lowest is far enough below start, and a quarter of that fall is lost at the end
 *     flat:     end is not below start by half of the fall in the range test
 *
 * @param losses of its steps
 * @param goal what it is held against
 */
export function judgeTrial(losses: readonly number[], { start, fall }: LrTrialGoal): LrTrialStatus {
  const eighths = Array.from({ length: 8 }, (_, i) => {
    const from = Math.floor((i * losses.length) / 8);
    return meanOf(losses.slice(from, Math.max(from + 1, Math.floor(((i + 1) * losses.length) / 8))));
  });
  if (eighths[7]! > start + (GONE - 1) * Math.abs(start)) return 'diverged';
  const { mean: end, error } = lastQuarter(losses);
  const lowest = Math.min(...eighths);
  const hadCome = start - lowest >= COME * fall;
  if (hadCome && end - lowest > Math.max(LOST * (start - lowest), LOW_BY_CHANCE * error)) return 'rose';
  return start - end >= COME * fall ? 'stable' : 'flat';
}

/** How far two trials came in as many steps: `worse`, the first clearly less far; `behind`, less far; `ahead`, as far or further. */
export type LrTrialOrder = 'worse' | 'behind' | 'ahead';

/**
 * Holds two trials against each other, by the last quarter of as many steps of both.
 *
 * @param trial one
 * @param other the other
 * @param start loss of the untrained model
 * @returns how far the first came; a trial that diverged is worse than any other
 */
export function compareTrials(trial: LrTrial, other: LrTrial, start: number): LrTrialOrder {
  if (other.end === null) return 'ahead';
  if (trial.end === null) return 'worse';
  const steps = Math.min(trial.losses.length, other.losses.length);
  const [a, b] = [lastQuarter(trial.losses.slice(0, steps)), lastQuarter(other.losses.slice(0, steps))];
  const gap = a.mean - b.mean;
  if (gap > Math.max(WORSE * (start - b.mean), ERRORS * Math.hypot(a.error, b.error))) return 'worse';
  return gap > 0 ? 'behind' : 'ahead';
}

/** Mean of the last quarter, and its standard error. */
function lastQuarter(losses: readonly number[]): { mean: number; error: number } {
  const last = losses.slice(Math.floor(0.75 * losses.length));
  const mean = meanOf(last);
  const squares = last.reduce((sum, loss) => sum + (loss - mean) ** 2, 0);
  return { mean, error: Math.sqrt(squares / Math.max(1, last.length - 1) / last.length) };
}

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
