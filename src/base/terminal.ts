import { closeSync, openSync } from 'node:fs';
import { isatty } from 'node:tty';

const STREAMS = [0, 1, 2];

/**
 * Whether this process depends on a terminal: one of its streams is one, and the terminal controls it. Not so below
 * `nohup`, which takes the streams away, nor below `setsid`, a service manager or a CI job: there, a hang-up (SIGHUP) is
 * not about this process. That `nohup` has it ignored cannot be seen, as Node takes that back before it runs any program.
 */
export function hasTerminal(): boolean {
  if (!STREAMS.some((stream) => isatty(stream))) return false;
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return true;
  } catch {
    return false;
  }
}

let isPrepared = false;

/**
 * Lets a hang-up pass where there was no terminal from the start; and where there was one, lets the process end in its own
 * way after the terminal was closed. Call it before anything else; later calls do nothing.
 */
export function prepareForHangUp(): void {
  if (isPrepared) return;
  isPrepared = true;
  if (!hasTerminal()) process.on('SIGHUP', () => {});
  const terminals = STREAMS.filter((stream) => isatty(stream));
  process.on('exit', () => replace(terminals.filter((stream) => !isatty(stream))));
}

/** Node, as it ends, sets terminals back to what they were, and aborts where one is there no more. */
function replace(streams: readonly number[]): void {
  for (const stream of streams) {
    closeSync(stream);
    openSync('/dev/null', 'r+'); // takes the lowest number that is free
  }
}
