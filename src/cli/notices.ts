import { type Notice, noticeLines } from '../runs/notices.js';
import type { Io } from './io.js';

/**
 * Shows on stderr what is said on the way. Of what takes long, percent on one line of a terminal; elsewhere a line each tenth.
 *
 * @param io where to show it
 * @param quiet leaves out notes: warnings are always shown
 * @returns what to give to the library as `onProgress`
 */
export function showNotices(io: Io, quiet = false): (notice: Notice) => void {
  let shown = '';
  return (notice) => {
    if (notice.type === 'note' && quiet) return;
    const lines = noticeLines(notice, io.style.err, io.isLive ? 1 : 10);
    if (notice.type !== 'download' && notice.type !== 'prepare') for (const line of lines) io.log(line);
    else if (lines[0] !== shown) {
      shown = lines[0]!;
      const isWhole = (notice.type === 'download' ? notice.received : notice.done) >= notice.total;
      // A line that is broken could not be drawn over.
      const line = io.stderr.columns > 0 ? shown.slice(0, io.stderr.columns - 1) : shown;
      if (io.isLive) io.stderr.write(`\r${line}${isWhole ? '\n' : ''}`);
      else io.log(shown);
    }
  };
}
