import { sessions } from '../../backend/sessions.js';

/** What an iterator gave when it was asked: what comes next, or why nothing does. */
type Taken<T> = { readonly result: IteratorResult<T> } | { readonly error: unknown };

/**
 * Milliseconds of a core that making one has to take for it to be worth while. To hand a run over to another thread and to be told
 * of its end takes 0.1; and what is made meanwhile takes time of the cores that the run is on.
 */
const WORTH_WHILE = 0.25;
/** How much of the new is in the smoothed time. */
const SHARE = 0.2;

/**
 * Takes what comes next while there is time for it, where that takes long. The order stays, and so does what is given: only
 * the time at which it is made is another.
 */
export class Ahead {
  #take: (() => void) | undefined;
  /** What making one takes, smoothed. */
  #cost = 0;

  /** Takes the next one, unless that has been done. undefined: there is nothing to take, or it is made as fast afterwards. */
  get take(): (() => void) | undefined {
    return this.#cost > WORTH_WHILE ? this.#take : undefined;
  }

  /**
   * @param all what to go through
   * @param prepare makes what would else be made when one is used
   * @returns yields all of it, in order
   * @throws what `all` throws, in its place
   */
  *through<T>(all: Iterable<T>, prepare: (one: T) => void): Generator<T> {
    const iterator = all[Symbol.iterator]();
    let taken: Taken<T> | null = null;
    const take = (): Taken<T> => {
      const before = sessions().cpu();
      try {
        const result = iterator.next();
        if (!result.done) prepare(result.value);
        return { result };
      } catch (error) {
        return { error };
      } finally {
        this.#cost += SHARE * (sessions().cpu() - before - this.#cost);
      }
    };
    const takeOnce = () => {
      taken ??= take();
    };
    try {
      for (;;) {
        const next: Taken<T> = taken ?? take();
        taken = null;
        if ('error' in next) throw next.error;
        if (next.result.done) return;
        this.#take = takeOnce;
        yield next.result.value;
      }
    } finally {
      this.#take = undefined;
      iterator.return?.();
    }
  }
}
