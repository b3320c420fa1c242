import { jsonLine } from '../../base/printable.js';
import { isRecorded, markStandIn, toRecord } from '../../runs/store/event-record.js';
import type { Reporter } from '../../runs/store/reporter.js';
import type { Io } from '../io.js';

/**
 * The events as JSON lines on stdout, for scripts.
 *
 * @param io where to print
 * @param options logEvery: one step in so many; standsInFor: the data set that was asked for, if another is used
 * @returns the reporter
 */
export function jsonReporter(
  io: Io,
  options: { logEvery: number; standsInFor: string | undefined },
): Reporter {
  return {
    event(event) {
      if (!isRecorded(event, options.logEvery)) return;
      io.print(jsonLine(markStandIn(toRecord(event), options.standsInFor)));
    },
  };
}
