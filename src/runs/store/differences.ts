import { metricText } from '../metric-text.js';
import type { RunRecord } from './read.js';

/** What optimizers and losses are compared by; and what leaves the figures as they are. */
const COMPARED =
  /^(name|runs_dir|seed|optimizer|schedule|loss|log_every|tensorboard|expect|checkpoint|clip_grad_norm|clip_grad_value)(\.|$)/;
/** More keys than these are not read. */
const MOST = 6;

/**
 * @param runs that are compared
 * @returns keys other than those of optimizer, schedule and loss in which their configurations differ
 */
export function differingKeys(runs: readonly RunRecord[]): string[] {
  const configs = runs.map(({ config }) => leaves(config));
  const keys = [...new Set(configs.flatMap((config) => [...config.keys()]))];
  return keys.filter(
    (key) => !COMPARED.test(key) && new Set(configs.map((config) => config.get(key))).size > 1,
  );
}

/** `epochs, loader.batch_size: figures tell …` */
export function differingText(keys: readonly string[]): string {
  const shown = `${keys.slice(0, MOST).join(', ')}${keys.length > MOST ? ', …' : ''}`;
  return `differ in ${shown}: figures tell the effect of all of that together`;
}

/** Whether the values of their losses mean the same. */
export function haveSameLoss(runs: readonly RunRecord[]): boolean {
  return new Set(runs.map(({ config }) => JSON.stringify(config.loss))).size < 2;
}

/**
 * @param metric primary one of the task
 * @returns what is to be said of runs whose losses are not the same
 */
export function otherLosses(metric: string): string {
  const others = metricText(metric).replace(/y$/, 'ies');
  return `the losses are of different kinds: their values cannot be compared, ${others} can`;
}

/** Each single value by its dotted path, as JSON. */
export function leaves(value: unknown, path = ''): Map<string, string> {
  if (typeof value !== 'object' || value === null) return new Map([[path, JSON.stringify(value)]]);
  return new Map(
    Object.entries(value).flatMap(([key, child]) => [...leaves(child, path === '' ? key : `${path}.${key}`)]),
  );
}

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
