import { sessions } from '../../backend/sessions.js';

/** What an iterator gave when it was asked: what comes next, or why nothing does. */
type Taken<T> = { readonly result: IteratorResult<T> } | { readonly error: unknown };

/**
 * Milliseconds of a core that making one has to take for it to be worth while to make it beside a run. To hand a run over to another
 * thread and to be told of its end takes 0.1; and what is made meanwhile takes time of the cores that the run is on.
 */
const WORTH_WHILE = 0.25;
/**
 * Milliseconds up to which several are made one after the other between two runs. A run pushes all else out of the CPU's caches: the
 * first one takes 0.06, most of it waiting for memory, and each of those that follow a tenth of that.
 */
const FEW = 0.1;
const SEVERAL = 16;
/** How much of the new is in the smoothed time. */
const SHARE = 0.2;

/**
 * Takes what comes next before it is asked for: beside a run where it takes long, several at once where it takes next to nothing. The
 * order stays, and so does what is given: only the time at which it is made is another.
 */
export class Ahead {
  #take: (() => void) | undefined;
  /** What making one takes, smoothed. */
  #cost = 0;
  /** How many are made at once: more and more, as long as they take next to nothing. */
  #several = 1;

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
    // The next one comes last.
    let taken: Taken<T>[] = [];
    const takeOne = (): Taken<T> => {
      try {
        const result = iterator.next();
        if (!result.done) prepare(result.value);
        return { result };
      } catch (error) {
        return { error };
      }
    };
    const take = () => {
      if (taken.length === 0) taken = this.#measured(takeOne);
    };
    try {
      for (;;) {
        take();
        const next = taken.pop()!;
        if ('error' in next) throw next.error;
        if (next.result.done) return;
        this.#take = take;
        yield next.result.value;
      }
    } finally {
      this.#take = undefined;
      iterator.return?.();
    }
  }

  /** Takes one or several, the last one first, and finds out what that takes. */
  #measured<T>(takeOne: () => Taken<T>): Taken<T>[] {
    const before = sessions().cpu();
    const taken: Taken<T>[] = [];
    for (let isOver = false; !isOver && taken.length < this.#several; ) {
      const one = takeOne();
      isOver = 'error' in one || one.result.done === true;
      taken.push(one);
    }
    this.#cost += SHARE * ((sessions().cpu() - before) / taken.length - this.#cost);
    this.#several = this.#cost > FEW ? 1 : Math.min(2 * this.#several, SEVERAL);
    return taken.reverse();
  }
}
