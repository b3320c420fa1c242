import { SingleBar } from 'cli-progress';
import { formatLoss, formatLr } from '../../base/format.js';
import type { LrPoint } from '../../train/lr-range-test.js';
import type { Io } from '../io.js';
import { guardTerminal } from '../ui/bar-terminal.js';

export interface TestProgress {
  show(point: LrPoint): void;
  hide(): void;
}

/** A live bar on stderr for the test of one optimizer; only on a terminal. */
export function testProgress(io: Io, name: string, steps: number): TestProgress {
  if (!io.isLive) return { show: () => {}, hide: () => {} };
  const { bold } = io.style.err;
  const bar = new SingleBar({
    stream: io.stderr,
    format: `${bold('{name}')} {bar} {percentage} %  {note}`,
    barCompleteChar: '━',
    barIncompleteChar: ' ',
    barsize: 24,
    fps: 8,
    hideCursor: true,
    clearOnComplete: true,
    gracefulExit: false,
  });
  const release = guardTerminal(io.stderr);
  bar.start(steps, 0, { name, note: '' });
  return {
    show: ({ step, lr, smoothedLoss }) =>
      bar.update(step, { note: `lr ${formatLr(lr)}  loss ${formatLoss(smoothedLoss)}` }),
    hide() {
      bar.stop();
      release();
    },
  };
}
