import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { LossnetError } from '../../../../base/errors.js';
import { DataError, quoted, some } from '../../data-error.js';
import { labelled } from './labels.js';
import { type Layout, layoutOf } from './layout.js';
import type { ImageFolderOptions } from './options.js';
import { describeFound, type Found, nothingFound, stateOf } from './walk.js';

/** Which pictures there are, with what there is to say about it. */
export interface Scan extends Layout {
  /** What was left out, in words; empty: nothing. */
  readonly leftOut: string;
  readonly warnings: readonly string[];
}

type Outcome = ({ readonly scan: Scan } | { readonly error: LossnetError }) & {
  readonly states: ReadonlyMap<string, string>;
};

/** Folders that were scanned, by what they are and how they are looked at. */
const outcomes = new Map<string, Outcome>();
/** A comparison has hardly more of them. */
const MOST_KEPT = 3;

/**
 * Finds out which pictures a data set has, without reading any: once in a process, and again where a folder has changed.
 *
 * @param options where they are
 * @returns the pictures and their classes
 * @throws DataError when they make no data set
 */
export function scanOnce(options: Pick<ImageFolderOptions, 'root' | 'labels'>): Scan {
  const { root, labels } = options;
  const key = JSON.stringify([resolve(root), labels && resolve(labels)]);
  let outcome = outcomes.get(key);
  if (outcome === undefined || !isFresh(outcome)) {
    outcome = scan(root, labels);
    outcomes.delete(key);
    outcomes.set(key, outcome);
    for (const old of [...outcomes.keys()].slice(0, -MOST_KEPT)) outcomes.delete(old);
  }
  if ('error' in outcome) throw outcome.error;
  return outcome.scan;
}

function scan(root: string, labels: string | null): Outcome {
  const found = nothingFound();
  const { states } = found;
  try {
    const layout = labels === null ? layoutOf(root, found) : fromTable(labels, root, found);
    const warnings = labels === null ? alike(layout.classes, root) : [];
    return { scan: { ...layout, leftOut: describeFound(found), warnings }, states };
  } catch (error) {
    if (!(error instanceof LossnetError)) throw error;
    const own = error instanceof DataError ? error : new DataError('root', error.message, remedyOf(error));
    return { error: own, states };
  }
}

const remedyOf = ({ remedy }: LossnetError) => (remedy === undefined ? [] : [remedy]);

function fromTable(labels: string, root: string, { states }: Found): Layout {
  const state = stateNow(labels);
  if (state !== null) states.set(labels, state);
  return labelled(labels, root);
}

/** Classes may differ in case alone, as letters do, but mostly it is one that was written in two ways. */
function alike(classes: readonly string[], root: string): string[] {
  const spellings = new Map<string, string[]>();
  for (const name of classes) {
    const key = name.toLowerCase().normalize('NFC');
    spellings.set(key, [...(spellings.get(key) ?? []), name]);
  }
  const twice = [...spellings.values()].filter((names) => names.length > 1);
  if (twice.length === 0) return [];
  return [
    `${root}: classes of almost the same name: ${some(twice.map((names) => names.map(quoted).join(' and ')))}. If they are one, put their pictures into one folder.`,
  ];
}

/** Nothing is fresh of what could not be looked at. */
function isFresh({ states }: Outcome): boolean {
  return states.size > 0 && [...states].every(([path, state]) => stateNow(path) === state);
}

function stateNow(path: string): string | null {
  try {
    return stateOf(statSync(path));
  } catch {
    return null;
  }
}
