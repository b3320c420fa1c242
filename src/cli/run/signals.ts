import { EXIT, type ExitCode } from '../exit-codes.js';
import type { Io } from '../io.js';

/** The bar hides the cursor of a terminal. */
const SHOW_CURSOR = '\u001b[?25h';

/** Turns Ctrl-C and SIGTERM into a wish to stop that the run grants at a good moment. */
export interface StopRequest {
  readonly signal: AbortSignal;
  /** The exit code that the signal means; undefined while there was none. */
  readonly exitCode: ExitCode | undefined;
  /** Gives the signals their usual effect back. */
  release(): void;
}

/**
 * @param io told what is happening
 * @param words said at the first signal
 * @returns the request; a second signal kills at once
 */
export function listenForSignals(
  io: Io,
  words = 'Stopping as soon as all is saved. Once more stops at once and loses what is not.',
): StopRequest {
  const controller = new AbortController();
  const codes = { SIGINT: EXIT.interrupted, SIGTERM: EXIT.terminated } as const;
  const names = Object.keys(codes) as (keyof typeof codes)[];
  let exitCode: ExitCode | undefined;
  const request = (code: ExitCode, reason: string): void => {
    exitCode ??= code;
    controller.abort();
    io.log(reason);
  };
  const stop = (name: keyof typeof codes): void => {
    if (exitCode === undefined) {
      request(codes[name], words);
      return;
    }
    release();
    if (io.stderr.isTTY) io.stderr.write(SHOW_CURSOR);
    process.kill(process.pid, name);
  };
  const stopOnClosedOutput = (): void => {
    if (exitCode === undefined)
      request(EXIT.failed, 'The output cannot be written any more: stopping, to save the run.');
  };
  const release = (): void => {
    for (const name of names) process.removeListener(name, stop);
    io.stdout.removeListener('error', stopOnClosedOutput);
  };
  for (const name of names) process.on(name, stop);
  io.stdout.on('error', stopOnClosedOutput);
  return {
    signal: controller.signal,
    get exitCode() {
      return exitCode;
    },
    release,
  };
}
