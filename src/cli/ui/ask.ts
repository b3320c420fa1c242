import { createInterface } from 'node:readline/promises';
import type { Io } from '../io.js';

/** Whether somebody sits there who can be asked: input and log are terminals. */
export function canAsk({ stderr }: Pick<Io, 'stderr'>): boolean {
  return process.stdin.isTTY === true && stderr.isTTY === true;
}

/**
 * Asks on the terminal. Call it only where `canAsk`.
 *
 * @param io whose log the question is part of
 * @param question what is asked, on one line
 * @returns the answer without blanks around it; null: Ctrl-C or Ctrl-D
 */
export async function ask({ stderr }: Pick<Io, 'stderr'>, question: string): Promise<string | null> {
  const lines = createInterface({ input: process.stdin, output: stderr });
  const stop = new AbortController();
  lines.on('SIGINT', () => stop.abort());
  lines.on('close', () => stop.abort());
  try {
    return (await lines.question(question, { signal: stop.signal })).trim();
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    stderr.write('\n');
    return null;
  } finally {
    lines.close();
  }
}
