import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { LossnetError } from '../../base/errors.js';

/** What reading came to. */
type Outcome<T> = { readonly value: T } | { readonly error: LossnetError };

/**
 * Reads data of one's own once in a process, and again where the options or the files have changed.
 *
 * @param read reads them
 * @param filesOf the files that they consist of
 * @param most how many are kept, those of the last options
 * @returns a function that reads, or gives what was read, or throws what was thrown
 */
export function readOnce<Options, T>(
  read: (options: Options) => T,
  filesOf: (options: Options) => readonly (string | null)[],
  most: number,
): (options: Options) => T {
  const outcomes = new Map<string, Outcome<T>>();
  return (options) => {
    const key = JSON.stringify([options, filesOf(options).map(stateOf)]);
    let outcome = outcomes.get(key);
    if (outcome === undefined) {
      // Before the next is read: both may be large.
      for (const old of [...outcomes.keys()].slice(0, outcomes.size - most + 1)) outcomes.delete(old);
      outcome = attempt(() => read(options));
      outcomes.set(key, outcome);
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
function stateOf(path: string | null): readonly unknown[] | null {
  if (path === null) return null;
  try {
    const { ino, size, mtimeMs } = statSync(path);
    return [resolve(path), ino, size, mtimeMs];
  } catch {
    return [resolve(path), null];
  }
}
