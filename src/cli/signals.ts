import { hasTerminal } from '../base/terminal.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import type { Io } from './io.js';
import { restoreTerminal } from './ui/bar-terminal.js';

/** Turns Ctrl-C, SIGTERM and the end of the terminal into a wish to stop that the run grants at a good moment. */
export interface StopRequest {
  readonly signal: AbortSignal;
  /** The exit code that the signal means; undefined while there was none. */
  readonly exitCode: ExitCode | undefined;
  /** Gives the signals their usual effect back. */
  release(): void;
}

export interface StopOptions {
  /** Said at the first signal. */
  readonly words?: string;
  /** Whether results are printed and more are to come: when they cannot be any more, it stops too. Default: never. */
  readonly isPrinting?: () => boolean;
  /** Whether a hang-up is about this process. Default: where a terminal controls it. */
  readonly hangsUp?: boolean | undefined;
}

const WORDS = 'Stopping as soon as all is saved. Once more stops at once and loses what is not.';

/**
 * @param io told what is happening
 * @param options see there
 * @returns the request; a second Ctrl-C or SIGTERM kills at once. A hang-up never does: it comes along with others
 */
export function listenForSignals(
  io: Io,
  { words = WORDS, isPrinting = () => false, hangsUp = hasTerminal() }: StopOptions = {},
): StopRequest {
  const controller = new AbortController();
  const codes = { SIGINT: EXIT.interrupted, SIGTERM: EXIT.terminated } as const;
  const names = Object.keys(codes) as (keyof typeof codes)[];
  let exitCode: ExitCode | undefined;
  let isAsked = false;
  const request = (code: ExitCode, reason: string): void => {
    exitCode ??= code;
    controller.abort();
    io.log(reason);
  };
  const stop = (name: keyof typeof codes): void => {
    if (!isAsked) {
      isAsked = true;
      request(codes[name], words);
      return;
    }
    release();
    if (io.isLive) restoreTerminal(io.stderr);
    process.kill(process.pid, name);
  };
  const hangUp = (): void => {
    if (exitCode === undefined) request(EXIT.hungUp, words);
    // Why the output was closed, where that was noticed before.
    if (exitCode === EXIT.failed) exitCode = EXIT.hungUp;
  };
  const stopOnClosedOutput = (): void => {
    if (exitCode === undefined && isPrinting())
      request(EXIT.failed, 'The output cannot be written any more: stopping, to save the run.');
  };
  const release = (): void => {
    for (const name of names) process.removeListener(name, stop);
    process.removeListener('SIGHUP', hangUp);
    io.stdout.removeListener('error', stopOnClosedOutput);
  };
  for (const name of names) process.on(name, stop);
  if (hangsUp) process.on('SIGHUP', hangUp);
  io.stdout.on('error', stopOnClosedOutput);
  return {
    signal: controller.signal,
    get exitCode() {
      return exitCode;
    },
    release,
  };
}
