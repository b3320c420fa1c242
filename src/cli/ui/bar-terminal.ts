import { standStill } from '../../train/backend/native/load.js';

/** What bars turn off on a terminal, and what turns it on again: the cursor, and the wrapping of long lines. */
const OFF = '\u001b[?25l\u001b[?7l';
const ON = '\u001b[?25h\u001b[?7h';

/** A single bar goes back there when it is done. */
const SAVE_POSITION = '\u001b7';

type Terminal = Pick<NodeJS.WriteStream, 'write'>;

/** Gives a terminal its cursor and its line wrap back. */
export function restoreTerminal(terminal: Terminal): void {
  terminal.write(ON);
}

/**
 * While bars are drawn, gives the terminal back what they turned off before the process is stopped (Ctrl-Z) or ended at
 * once (Ctrl-\). After `fg` the bars go on.
 *
 * @param terminal where they are drawn
 * @param bars how many stand on lines of their own now
 * @returns ends that, when there is no bar any more
 */
export function guardTerminal(terminal: Terminal, bars: () => number = () => 1): () => void {
  const suspend = (): void => {
    release();
    restoreTerminal(terminal);
    standStill();
    // Before the terminal is changed: it may come again at once.
    hold();
    // Below what the shell wrote meanwhile: bars are drawn upwards from where the last one was.
    terminal.write(`${OFF}${SAVE_POSITION}${'\n'.repeat(Math.max(bars() - 1, 0))}`);
  };
  const quit = (): void => {
    release();
    restoreTerminal(terminal);
    process.kill(process.pid, 'SIGQUIT');
  };
  const hold = (): void => {
    process.on('SIGTSTP', suspend);
    process.on('SIGQUIT', quit);
  };
  const release = (): void => {
    process.removeListener('SIGTSTP', suspend);
    process.removeListener('SIGQUIT', quit);
  };
  hold();
  return release;
}
