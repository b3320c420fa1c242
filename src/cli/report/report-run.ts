import { resolve, sep } from 'node:path';
import { toCamelCase } from '../../config/index.js';
import type { DatasetIdentity } from '../../train/data/dataset.js';
import type { RunRecord } from '../run/read.js';
import type { Predicted } from './predictions.js';

/** A run as the report shows it. */
export interface ReportRun {
  readonly record: RunRecord;
  /** What it is called: unique in the report. */
  readonly label: string;
  /** Its place, which decides its colour and marker. */
  readonly line: number;
  /** What its model says of the evaluation images, or why that is not known. */
  readonly predicted: Predicted;
}

/**
 * Names for runs: their own names; where two share one, their paths from the folder on that these have in common.
 *
 * @param runs in any order
 * @returns the names in the same order
 */
export function labelsOf(runs: readonly RunRecord[]): string[] {
  const names = runs.map(({ name }) => name);
  const isShared = (name: string) => names.indexOf(name) !== names.lastIndexOf(name);
  const paths = runs.filter(({ name }) => isShared(name)).map(({ path }) => resolve(path).split(sep));
  const differs = (depth: number) => paths.some((parts) => parts[depth] !== paths[0]?.[depth]);
  const shortest = Math.min(...paths.map(({ length }) => length));
  if (paths.length === 0) return names;
  let common = 0;
  while (common < shortest - 1 && !differs(common)) common += 1;
  return runs.map(({ name, path }) =>
    isShared(name) ? resolve(path).split(sep).slice(common).join('/') : name,
  );
}

/** `done`, `interrupted`, `diverged`; a run without a summary was killed, or still runs. */
export function statusOf({ summary, diverged }: RunRecord): string {
  if (diverged !== null) return 'diverged';
  return typeof summary?.status === 'string' ? summary.status : 'not finished';
}

/** The data set that was asked for, when generated shapes stood in for it. */
export function standInOf({ start, summary }: RunRecord): string | undefined {
  const name = start?.stands_in_for ?? summary?.stands_in_for;
  return typeof name === 'string' ? name : undefined;
}

/** What the run recorded of its training or evaluation images; null: nothing. */
export function identityOf({ start }: RunRecord, which: 'train' | 'eval'): DatasetIdentity | null {
  const identity = start?.[which];
  if (typeof identity !== 'object' || identity === null) return null;
  return toCamelCase(identity) as DatasetIdentity;
}

/** `cifar10`, or `shapes, standing in for cifar10`. */
export function dataOf(record: RunRecord): string {
  const name = identityOf(record, 'train')?.name ?? record.config.dataset.type;
  const standIn = standInOf(record);
  return standIn === undefined ? name : `${name}, standing in for ${standIn}`;
}
