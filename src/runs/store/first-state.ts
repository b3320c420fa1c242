import type { RunRecord } from './read.js';

/** What runs recorded of their beginning: whether they set out from the same place. */
export interface FirstState {
  /** Hash of the first weights and of the batches with their order; null where runs differ, or did not record it. */
  readonly weights: string | null;
  readonly batches: string | null;
  /** Whether every run recorded both: if not, nothing is known where a hash is null. */
  readonly isRecorded: boolean;
}

/**
 * @param runs that are to be compared; null for one that never began: it is left out
 * @returns what they share
 */
export function sharedFirstState(runs: readonly (RunRecord | null)[]): FirstState {
  const starts = runs.flatMap((run) => run?.start ?? []);
  const shared = (key: 'init_sha256' | 'order_sha256'): string | null => {
    const [first] = starts;
    return first !== undefined && starts.every((start) => start[key] === first[key]) ? first[key] : null;
  };
  return {
    weights: shared('init_sha256'),
    batches: shared('order_sha256'),
    isRecorded: runs.every((run) => Boolean(run?.start?.init_sha256 && run.start.order_sha256)),
  };
}
