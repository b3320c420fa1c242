import type { DatasetIdentity } from '../../train/data/dataset.js';
import type { RunRecord } from './read.js';

/** The data set that was asked for, when generated shapes stood in for it. */
export function standInOf({ start, summary }: RunRecord): string | undefined {
  return start?.stands_in_for ?? summary?.stands_in_for;
}

/** What the run recorded of its training or evaluation images; null: nothing. */
export function identityOf({ start }: RunRecord, which: 'train' | 'eval'): DatasetIdentity | null {
  const identity = start?.[which] ?? null;
  if (identity === null) return null;
  const { stands_in_for: standsInFor, ...rest } = identity;
  return { ...rest, ...(standsInFor !== undefined && { standsInFor }) };
}

/** `cifar10`, or `shapes, standing in for cifar10`. */
export function dataOf(record: RunRecord): string {
  const name = identityOf(record, 'train')?.name ?? record.config.dataset.type;
  const standIn = standInOf(record);
  return standIn === undefined ? name : `${name}, standing in for ${standIn}`;
}
