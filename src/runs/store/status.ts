import { readTextIfThere } from '../../base/read.js';
import type { RunFolder } from './folder.js';
import type { RunRecord } from './read.js';
import { parseSummary } from './records.js';

/** How a run stands by what it left on the disk. `not finished`: it was killed, or still runs. */
export type RecordedStatus = 'done' | 'diverged' | 'interrupted' | 'not finished';

/** One that diverged is over, also when it was killed before it had written its summary: it would diverge again. */
export function statusOf({ summary, diverged }: RunRecord): RecordedStatus {
  if (diverged !== null) return 'diverged';
  const status = summary?.status;
  return status === 'done' || status === 'interrupted' ? status : 'not finished';
}

/** Whether there is a whole summary of a run that got to its end. */
export function saysDone({ summary }: RunFolder): boolean {
  try {
    return parseSummary(readTextIfThere(summary) ?? '').status === 'done';
  } catch {
    return false;
  }
}
