import { LossnetError } from '../../../base/errors.js';
import { hasTerminal } from '../../../base/terminal.js';

const SIGNALS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM'];

/**
 * Runs work that a signal must not simply cut off, because it has child processes and temporary files.
 * When nobody else listens to the signal, it ends the process as usual, once the work has cleaned up.
 *
 * @param work what to do; it has to settle soon after `stop` was called
 * @param stop ends the work, at once and without waiting; also called when the process exits meanwhile
 * @param cleanUp removes what the work leaves when the process exits before it has settled
 * @returns what the work returns
 * @throws LossnetError when a signal arrived that somebody else listens to as well
 */
export async function stoppedBySignals<T>(
  work: () => Promise<T>,
  stop: () => void,
  cleanUp: () => void,
): Promise<T> {
  let received: NodeJS.Signals | undefined;
  const onSignal = (signal: NodeJS.Signals) => {
    received ??= signal;
    stop();
  };
  const onExit = () => {
    stop();
    cleanUp();
  };
  const names = hasTerminal() ? [...SIGNALS, 'SIGHUP' as const] : SIGNALS;
  for (const signal of names) process.on(signal, onSignal);
  process.on('exit', onExit);
  try {
    return await work();
  } catch (error) {
    if (received) throw new LossnetError('LOSSNET_NATIVE_INTERRUPTED', `Stopped by ${received}.`);
    throw error;
  } finally {
    for (const signal of names) process.off(signal, onSignal);
    process.off('exit', onExit);
    if (received && process.listenerCount(received) === 0) process.kill(process.pid, received);
  }
}
