import { SingleBar } from 'cli-progress';
import { formatLoss, formatLr } from '../../base/format.js';
import type { Io } from '../io.js';
import { guardTerminal } from '../ui/bar-terminal.js';

export interface TestProgress {
  /** Shows a step of what is tested, which has so many. */
  show(
    name: string,
    steps: number,
    at: { readonly step: number; readonly lr: number; readonly loss: number },
  ): void;
  hide(): void;
}

/** A live bar on stderr for each test; only on a terminal. */
export function testProgress(io: Io): TestProgress {
  if (!io.isLive) return { show: () => {}, hide: () => {} };
  const { bold } = io.style.err;
  let bar: SingleBar | undefined;
  let drawn = '';
  let release: (() => void) | undefined;
  const hide = (): void => {
    bar?.stop();
    release?.();
    bar = undefined;
    release = undefined;
  };
  const begin = (name: string, steps: number): SingleBar => {
    hide();
    const next = new SingleBar({
      stream: io.stderr,
      format: `${bold('{name}')} {bar} {percentage} %  {note}`,
      barCompleteChar: '━',
      barIncompleteChar: ' ',
      barsize: 16,
      fps: 8,
      hideCursor: true,
      clearOnComplete: true,
      gracefulExit: false,
    });
    release = guardTerminal(io.stderr);
    next.start(steps, 0, { name, note: '' });
    return next;
  };
  return {
    show(name, steps, { step, lr, loss }) {
      const title = `${name} ${steps}`;
      if (bar === undefined || title !== drawn) bar = begin(name, steps);
      drawn = title;
      bar.update(step, { note: `lr ${formatLr(lr)}  loss ${formatLoss(loss)}` });
    },
    hide,
  };
}
