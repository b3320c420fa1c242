import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const SCRIPT = new URL('./terminal.py', import.meta.url).pathname;
export const BIN = new URL('../../bin/lossnet.js', import.meta.url).pathname;

/** What the user of a terminal waits for, and then types; null: closes the terminal. */
export type Step = { readonly send: string | null } & ({ readonly wait: string } | { readonly file: string });

export interface Shown {
  /** All that the terminal showed, with its control codes. */
  readonly output: string;
  readonly code: number | null;
  readonly signal: string | null;
}

/** Runs a command on a terminal of its own, of which it is the first process. */
export async function onTerminal(
  command: readonly string[],
  steps: readonly Step[],
  { cwd, env = {} }: { readonly cwd: string; readonly env?: Record<string, string> },
): Promise<Shown> {
  const inherited = { ...process.env, TERM: 'xterm', NO_COLOR: undefined, FORCE_COLOR: undefined };
  const { stdout } = await promisify(execFile)('python3', [SCRIPT, JSON.stringify(steps), ...command], {
    cwd,
    env: { ...inherited, ...env },
    maxBuffer: 2 ** 26,
  });
  return JSON.parse(stdout) as Shown;
}
