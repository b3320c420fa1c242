import { statSync } from 'node:fs';
import { LossnetError } from '../../base/errors.js';

/** What reading a file came to. */
type Outcome<T> = { readonly value: T } | { readonly error: LossnetError };

/** A comparison has hardly more of them. */
const MOST_KEPT = 3;

/**
 * Keeps what was read from files, and what was wrong with them, so that it happens once in a process.
 *
 * @returns a function that reads what a key stands for, or gives what was read for it before; it throws the LossnetError of a
 * reading that failed, each time
 */
export function keepReadings<T>(): (key: string, read: () => T) => T {
  const outcomes = new Map<string, Outcome<T>>();
  return (key, read) => {
    let outcome = outcomes.get(key);
    if (outcome === undefined) {
      outcome = attempt(read);
      outcomes.set(key, outcome);
      for (const old of [...outcomes.keys()].slice(0, -MOST_KEPT)) outcomes.delete(old);
    }
    if ('error' in outcome) throw outcome.error;
    return outcome.value;
  };
}

function attempt<T>(read: () => T): Outcome<T> {
  try {
    return { value: read() };
  } catch (error) {
    if (error instanceof LossnetError) return { error };
    throw error;
  }
}

/** Changes with the file; null where that cannot be told, as reading it will. */
export function stateOf(path: string): readonly number[] | null {
  try {
    const { ino, size, mtimeMs } = statSync(path);
    return [ino, size, mtimeMs];
  } catch {
    return null;
  }
}
