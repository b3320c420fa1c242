import { formatDuration } from '../../base/format.js';
import type { TrainEvent } from '../../train/events.js';

/** Epochs that a run is to be trained now: from where it stands to where it is to come. */
interface Course {
  readonly to: number;
  from: number;
  stepsPerEpoch: number | null;
  done: number;
}

/** Fewer seconds and epochs than these tell nothing of how long the rest takes. */
const FEWEST_SECONDS = 0.5;
const FEWEST_EPOCHS = 0.2;

/** How long what is planned takes: all epochs take about as long, with their share of starts and evaluations. */
export class Pace {
  #planned = 0;
  #finished = 0;
  #began: number | null = null;
  readonly #under = new Map<string, Course>();

  /** @param now milliseconds of a clock */
  constructor(private readonly now: () => number = () => performance.now()) {}

  /** So many epochs more are to be trained, or fewer. */
  plan(epochs: number): void {
    this.#planned += epochs;
  }

  begin(run: string, from: number, to: number): void {
    this.#under.set(run, { from, to, stepsPerEpoch: null, done: 0 });
  }

  event(run: string, event: TrainEvent): void {
    const course = this.#under.get(run);
    if (course === undefined) return;
    if (event.type === 'start') {
      course.stepsPerEpoch = event.stepsPerEpoch;
      // From here on: that a process has to start first is no measure of what is to come.
      this.#began ??= this.now();
      // What was trained before takes no time any more.
      const from = Math.max(event.resumedAtStep / event.stepsPerEpoch, course.from);
      this.#planned -= from - course.from;
      course.from = from;
    } else if (event.type === 'step' && course.stepsPerEpoch !== null) {
      course.done = Math.max(event.step / course.stepsPerEpoch - course.from, 0);
    }
  }

  /** What a run that ended early has left to train is not trained any more. */
  end(run: string): void {
    const course = this.#under.get(run);
    if (course === undefined) return;
    this.#finished += course.to - course.from;
    this.#under.delete(run);
  }

  /** Seconds since the first step. */
  get elapsed(): number {
    return this.#began === null ? 0 : (this.now() - this.#began) / 1000;
  }

  /** The share that is done, from 0 to 1. */
  get share(): number {
    return this.#planned > 0 ? Math.min(this.#done / this.#planned, 1) : 0;
  }

  /** Seconds that the rest takes; null: nothing tells yet. */
  get left(): number | null {
    const seconds = this.elapsed;
    if (seconds < FEWEST_SECONDS || this.#done < FEWEST_EPOCHS) return null;
    return (seconds / this.#done) * Math.max(this.#planned - this.#done, 0);
  }

  /** `about 40 s left`, or nothing. */
  get text(): string {
    return this.left === null ? '' : `about ${roughly(this.left)} left`;
  }

  get #done(): number {
    return [...this.#under.values()].reduce((sum, { done }) => sum + done, this.#finished);
  }
}

/** A time that is not known to the second. */
export function roughly(seconds: number): string {
  if (seconds < 10) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 60) return `${Math.round(seconds / 5) * 5} s`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min`;
  return formatDuration(Math.round(seconds / 60) * 60);
}
