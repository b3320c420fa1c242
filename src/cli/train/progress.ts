import { SingleBar } from 'cli-progress';
import { formatLoss, formatLr } from '../../base/format.js';
import type { Reporter } from '../../runs/store/reporter.js';
import type { StartEvent } from '../../train/events.js';
import type { Io } from '../io.js';
import { guardTerminal } from '../ui/bar-terminal.js';
import { type Limits, leftText, timeLeft } from './time-left.js';

const LONGEST_BAR = 24;
const SHORTEST_BAR = 4;
/** Columns of percents, of loss and learning rate, and of the time that is left, with the blanks between them. */
const BESIDE =
  ' 100 %'.length + '  loss 12.3456  lr 0.0009045'.length + '  at most 59 min 59 s left'.length + 1;

/**
 * A live bar on stderr for the epoch under way, with the time left for the whole run. It goes before the epoch's line is printed,
 * so place this reporter before the one that prints.
 *
 * @param io where to draw; only for a terminal
 * @param limits of the run; mayEndEarly: whether something may end it before its last epoch
 * @returns the reporter
 */
export function progressReporter(io: Io, limits: Limits & { readonly mayEndEarly: boolean }): Reporter {
  const { dim, bold } = io.style.err;
  const clock = timeLeft(limits);
  let start: StartEvent | undefined;
  let bar: SingleBar | undefined;
  let drawn: string | undefined;
  let release: (() => void) | undefined;

  const show = (title: string, value: number, total: number, note: string): void => {
    const seconds = clock.left();
    const left = seconds === null ? '' : `  ${limits.mayEndEarly ? 'at most ' : ''}${leftText(seconds)} left`;
    if (drawn !== title) {
      bar?.stop();
      drawn = title;
      const room = (io.stderr.columns || 80) - title.length - BESIDE;
      bar = new SingleBar({
        stream: io.stderr,
        format: `${bold('{title}')} {bar} {percentage} %{note}${dim('{left}')}`,
        barCompleteChar: '━',
        barIncompleteChar: ' ',
        barsize: Math.max(SHORTEST_BAR, Math.min(LONGEST_BAR, room)),
        fps: 8,
        hideCursor: true,
        clearOnComplete: true,
        gracefulExit: false,
      });
      release ??= guardTerminal(io.stderr);
      bar.start(total, 0, { title, note, left });
    }
    bar?.update(value, { note, left });
  };
  const hide = (): void => {
    bar?.stop();
    release?.();
    release = undefined;
    bar = undefined;
    drawn = undefined;
  };

  return {
    event(event) {
      clock.event(event);
      if (event.type === 'start') start = event;
      else if (event.type === 'step') {
        const note = `  loss ${formatLoss(event.loss)}  lr ${formatLr(event.lr)}`;
        show(
          `epoch ${event.epoch}/${start?.epochs}`,
          event.batch,
          start?.batchesPerEpoch ?? event.batch,
          note,
        );
      } else if (event.type === 'evaluation') {
        const title = event.part === 'test' ? 'test' : `epoch ${event.epoch}/${start?.epochs} evaluation`;
        show(title, event.batch, event.batches, '');
      } else if (event.type === 'epoch' || event.type === 'diverged' || event.type === 'end') hide();
    },
    close: hide,
  };
}
