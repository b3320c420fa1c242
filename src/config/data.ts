import { LossnetError } from '../base/errors.js';
import type { DataSpec } from '../train/data/dataset.js';
import type { DataSource } from '../train/data/source.js';
import { createSource } from '../train/data/sources/index.js';
import { VALUE_LOSSES } from '../train/loss/index.js';
import { toCamelCase } from './naming.js';
import type { ConfigYaml } from './schema/index.js';

/** What decides which data a configuration means. The loss may be left out while it is invalid. */
export interface DataBlocks {
  readonly dataset: ConfigYaml['dataset'];
  readonly loss?: ConfigYaml['loss'];
}

/**
 * @param config its data set, and its loss
 * @returns the data set that is meant, not loaded yet
 */
export function sourceOf({ dataset, loss }: DataBlocks): DataSource {
  const options = toCamelCase(dataset);
  // Whole numbers may be classes or numbers.
  const isOpen = options.type === 'csv' || options.type === 'arrays';
  return createSource(isOpen ? { ...options, wanted: wantedBy(loss) } : options);
}

/** What a loss is for. */
function wantedBy(loss: DataBlocks['loss']): 'class' | 'number' | null {
  if (loss === undefined) return null;
  return VALUE_LOSSES.includes(loss.type) ? 'number' : 'class';
}

/**
 * What is known of a configuration's data.
 *
 * @param config its data set, and its loss
 * @returns the spec; null where a file has to be read for it, and cannot be: that is a problem of its own
 */
export function specOf(config: DataBlocks): DataSpec | null {
  try {
    return sourceOf(config).spec;
  } catch (error) {
    if (error instanceof LossnetError) return null;
    throw error;
  }
}
