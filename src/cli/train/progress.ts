import { SingleBar } from 'cli-progress';
import { formatLoss, formatLr } from '../../base/format.js';
import type { Reporter } from '../../runs/store/reporter.js';
import type { StartEvent } from '../../train/events.js';
import type { Io } from '../io.js';
import { guardTerminal } from '../ui/bar-terminal.js';

/**
 * A live bar on stderr for the epoch under way. It goes before the epoch's line is printed, so place this reporter
 * before the one that prints.
 *
 * @param io where to draw; only for a terminal
 * @returns the reporter
 */
export function progressReporter(io: Io): Reporter {
  const { dim, bold } = io.style.err;
  let start: StartEvent | undefined;
  let bar: SingleBar | undefined;
  let drawn: string | undefined;
  let release: (() => void) | undefined;

  const show = (title: string, value: number, total: number, note: string): void => {
    if (drawn !== title) {
      bar?.stop();
      drawn = title;
      bar = new SingleBar({
        stream: io.stderr,
        format: `${bold('{title}')} {bar} {percentage} %  {note}  ${dim('{eta_formatted} left')}`,
        barCompleteChar: '━',
        barIncompleteChar: ' ',
        barsize: 24,
        fps: 8,
        etaBuffer: 50,
        hideCursor: true,
        clearOnComplete: true,
        gracefulExit: false,
      });
      release ??= guardTerminal(io.stderr);
      bar.start(total, 0, { title, note });
    }
    bar?.update(value, { note });
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
      if (event.type === 'start') start = event;
      else if (event.type === 'step') {
        const note = `loss ${formatLoss(event.loss)}  lr ${formatLr(event.lr)}`;
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
