import { EXIT, type ExitCode } from '../exit-codes.js';
import type { Io } from '../io.js';

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
 * @returns the request; a second signal kills at once
 */
export function listenForSignals(io: Io): StopRequest {
  const controller = new AbortController();
  const codes = { SIGINT: EXIT.interrupted, SIGTERM: EXIT.terminated } as const;
  let exitCode: ExitCode | undefined;
  const release = (): void => {
    for (const name of Object.keys(codes)) process.removeListener(name, stop);
    io.stdout.removeListener('error', stopOnClosedPipe);
  };
  const request = (code: ExitCode, reason: string): void => {
    exitCode ??= code;
    controller.abort();
    io.log(reason);
  };
  const stop = (name: keyof typeof codes): void => {
    release();
    request(
      codes[name],
      'Stopping after this step, to save it. Once more stops at once and loses what is not saved.',
    );
  };
  const stopOnClosedPipe = (error: NodeJS.ErrnoException): void => {
    if (error.code !== 'EPIPE') throw error;
    if (!controller.signal.aborted)
      request(EXIT.failed, 'Nobody reads the output any more: stopping after this step.');
  };
  for (const name of Object.keys(codes)) process.on(name, stop);
  io.stdout.on('error', stopOnClosedPipe);
  return {
    signal: controller.signal,
    get exitCode() {
      return exitCode;
    },
    release,
  };
}
