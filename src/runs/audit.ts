import type { ResolvedConfig } from '../config/index.js';
import { sourceOf } from '../config/index.js';
import { type Audit, auditData } from '../train/data/audit/index.js';
import type { DataSpec } from '../train/data/dataset.js';
import { isStopped, type Surroundings } from './surroundings.js';
import { loadData } from './train/prepare.js';

/** What there is of a configuration's data, and what is wrong with it. */
export interface DataAudit extends Audit {
  readonly spec: DataSpec;
  /** The data set that was asked for, when generated shapes stand in for it. */
  readonly standsInFor: string | undefined;
}

/**
 * Looks at the data of a configuration without training on it.
 *
 * @param resolved the configuration
 * @param surroundings told what takes long; its signal stops a download
 * @returns counts and findings; null when it was told to stop
 * @throws LossnetError when the data cannot be had
 */
export async function auditOf(
  resolved: ResolvedConfig,
  surroundings: Surroundings = {},
): Promise<DataAudit | null> {
  // What cannot be used is told of, not stopped at.
  const isTold = resolved.yaml.dataset.type === 'image_folder';
  const { yaml } = isTold ? resolved.with({ 'dataset.on_error': 'skip' }) : resolved;
  const source = resolved.data ?? sourceOf(yaml);
  try {
    const { standsInFor, ...parts } = await loadData(source, surroundings);
    if (isStopped(surroundings)) return null;
    return { spec: source.spec, standsInFor, ...(await auditData(source, parts)) };
  } catch (error) {
    if (isStopped(surroundings)) return null;
    throw error;
  }
}
