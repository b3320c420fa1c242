import type { RunStatus } from '../../runs/find/overview.js';
import type { Style } from '../ui/style.js';

/** How a run stands, in its colour. */
export function statusText(status: RunStatus, style: Style): string {
  switch (status) {
    case 'done':
      return style.green(status);
    case 'running':
      return style.cyan(status);
    case 'diverged':
    case 'damaged':
    case 'unreadable':
      return style.red(status);
    case 'interrupted':
    case 'unfinished':
      return style.yellow(status);
  }
}

/** In the time zone of the machine, to the minute. */
export function dateText(date: Date): string {
  const two = (value: number) => `${value}`.padStart(2, '0');
  const day = [date.getFullYear(), date.getMonth() + 1, date.getDate()].map(two).join('-');
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}
