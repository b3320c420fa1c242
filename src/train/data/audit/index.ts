import { classCounts } from '../dataset.js';
import type { DataSource } from '../source.js';
import { findUnevenClasses } from './classes.js';
import { findDuplicates } from './duplicates.js';
import type { Finding } from './finding.js';
import { distinctParts, type PartsOfData } from './samples.js';

export type { Finding } from './finding.js';

/** What there is of a data set, and what is wrong with it. */
export interface Audit {
  readonly parts: readonly {
    readonly part: string;
    readonly source: string;
    readonly records: number;
    /** Of each class, in their order; null: real values are to be told. */
    readonly classes: readonly { readonly name: string; readonly count: number }[] | null;
  }[];
  /** Errors first. */
  readonly findings: readonly Finding[];
}

/**
 * Looks at data before they are trained on: what there is, and what would make figures wrong.
 *
 * @param source the data set
 * @param parts what it loaded
 * @returns the counts of each part, and what was found
 */
export async function auditData(source: DataSource, parts: PartsOfData): Promise<Audit> {
  const own = (await source.findings?.()) ?? [];
  const findings = [...own, ...findUnevenClasses(parts), ...findDuplicates(parts)];
  return {
    parts: distinctParts(parts).map((dataset) => {
      const { split, source: from, records } = dataset.identity;
      const counts = classCounts(dataset);
      const { names } = dataset.spec.target;
      return {
        ...{ part: split, source: from, records },
        classes: counts?.map((count, i) => ({ name: names[i]!, count })) ?? null,
      };
    }),
    findings: [
      ...findings.filter(({ level }) => level === 'error'),
      ...findings.filter(({ level }) => level === 'warning'),
    ],
  };
}
