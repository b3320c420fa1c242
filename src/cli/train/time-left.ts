import type { TrainEvent } from '../../train/events.js';

/** What may end a run before its last epoch. */
export interface Limits {
  /** Epochs between two evaluations, besides that after the last; 0: there are none. */
  readonly evaluationEvery: number;
  /** Seconds; null: no limit. */
  readonly maxTime: number | null;
}

/** Weight of the steps before in the mean time of a step: a machine's speed changes as others work on it. */
const WEIGHT = 0.98;
/** A step of so many times the mean is one in which the process stood still, as after Ctrl-Z; a second one is not. */
const STILL = 20;

/**
 * Tells how long a run will still take, from the time that its own steps and its last evaluation took:
 *
 *     left = steps left * mean seconds of a step + evaluations left * seconds of the last one
 *
 * and no longer than `max_time` allows. The mean is exponential, without the bias of its beginning; the first step of a process,
 * which compiles the graph, is left out of it.
 *
 * @param limits of the run
 * @param now in milliseconds; default: a clock that never goes back
 * @returns takes the events; `left` gives seconds, null while nothing is known
 */
export function timeLeft(
  { evaluationEvery, maxTime }: Limits,
  now: () => number = () => performance.now(),
): { event(event: TrainEvent): void; left(): number | null } {
  const began = now();
  let steps = 0;
  let epochs = 0;
  let done = { step: 0, epoch: 0 };
  let before: number | null = null;
  let mean = 0;
  let share = 1;
  let evaluation = 0;
  let stoodStill = false;
  return {
    event(event) {
      if (event.type === 'start') {
        epochs = event.epochs;
        steps = event.epochs * event.stepsPerEpoch;
      } else if (event.type === 'step') {
        const at = now();
        if (before !== null) {
          const seconds = (at - before) / 1000;
          stoodStill = !stoodStill && share < 1 && seconds > (STILL * mean) / (1 - share);
          if (!stoodStill) {
            mean = WEIGHT * mean + (1 - WEIGHT) * seconds;
            share *= WEIGHT;
          }
        }
        before = at;
        done = { step: event.step, epoch: event.epoch - 1 };
      } else if (event.type === 'epoch') {
        if (event.evalLoss !== null) evaluation = event.evalSeconds;
        done = { step: event.step, epoch: event.epoch };
      }
      // What lies between the last step of an epoch and the first of the next is no step.
      if (event.type === 'evaluation' || event.type === 'saving' || event.type === 'epoch') before = null;
    },
    left() {
      if (share === 1) return null;
      const evaluations =
        evaluationEvery === 0
          ? 0
          : Math.ceil(epochs / evaluationEvery) - Math.floor(done.epoch / evaluationEvery);
      const left = (steps - done.step) * (mean / (1 - share)) + evaluations * evaluation;
      const allowed = maxTime === null ? left : maxTime - (now() - began) / 1000;
      return Math.max(0, Math.min(left, allowed));
    },
  };
}

/** `12 s`, `3 min 20 s`, `1 h 5 min`: whole seconds, and of hours no seconds. */
export function leftText(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  return minutes < 60
    ? `${minutes} min ${whole % 60} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
