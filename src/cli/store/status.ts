import type { RunRecord } from './read.js';

/** How a run stands by what it left on the disk. `not finished`: it was killed, or still runs. */
export type RecordedStatus = 'done' | 'diverged' | 'interrupted' | 'not finished';

/** One that diverged is over, also when it was killed before it had written its summary: it would diverge again. */
export function statusOf({ summary, diverged }: RunRecord): RecordedStatus {
  if (diverged !== null) return 'diverged';
  const status = summary?.status;
  return status === 'done' || status === 'interrupted' ? status : 'not finished';
}
