import type { LoadHooks } from '../../source.js';

/** Told how far something is that takes long, and what stops it. */
export interface Progress {
  report(what: string, done: number, total: number): void;
  /** Says something once. */
  say(text: string): void;
  readonly signal: AbortSignal | undefined;
}

/** What is done sooner is not worth telling. */
const PATIENCE_MILLISECONDS = 2_000;

/**
 * @param hooks of whoever loads a data set
 * @param name of the data set
 * @returns what tells them, once it takes long, of whole percents alone
 */
export function progressOf({ onPrepare, onMessage, signal }: LoadHooks, name: string): Progress {
  const started = Date.now();
  let shown = '';
  return {
    report(what, done, total) {
      if (Date.now() - started < PATIENCE_MILLISECONDS) return;
      const text = `${what} ${Math.floor((100 * done) / total)}`;
      if (text === shown) return;
      shown = text;
      onPrepare?.(`${what} the pictures of ${name}`, done, total);
    },
    say: (text) => onMessage?.(text),
    signal,
  };
}
