import { some } from '../../../train/data/data-error.js';
import type { Notice } from '../../notices.js';
import { identityOf, readRun } from '../../store/read.js';
import type { ComparisonFolder } from '../folder.js';
import type { PlannedRun } from '../plan/variants.js';
import { isUnfinished } from './train-all.js';

/**
 * What must be said of a comparison that goes on after its data were changed: runs that are over keep their figures. It is told of
 * data that were read to plan the runs; others are not read for it.
 *
 * @param runs of the comparison
 * @param folder where they lie
 * @returns a warning for each data set that is not what runs were trained on
 */
export function changedData(runs: readonly PlannedRun[], folder: ComparisonFolder): Notice[] {
  const changed = new Map<string, Set<string>>();
  for (const { name, plan } of runs) {
    const own = folder.run(name);
    const now = plan.source.known?.();
    if (now === undefined || isUnfinished(own)) continue;
    const record = readRun(own.path);
    for (const part of ['train', 'eval', 'test'] as const) {
      const was = identityOf(record, part);
      if (was === null || was.sha256 === now[part]?.identity.sha256) continue;
      changed.set(was.name, (changed.get(was.name) ?? new Set()).add(name));
    }
  }
  return [...changed].map(([data, names]): Notice => {
    const text = `${data} was changed after ${some([...names])} ${names.size === 1 ? 'was' : 'were'} trained, whose figures are of what it was; --force trains all anew`;
    return { type: 'warning', text };
  });
}
