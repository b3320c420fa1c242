import { readOnce } from '../../read-once.js';
import type { DataSource } from '../../source.js';
import type { ArraysOptions } from './options.js';
import { type ReadArrays, readArrays } from './read.js';

export type { ArraysOptions } from './options.js';

/** They may fill much of the memory. */
const MOST_KEPT = 1;
const read = readOnce(readArrays, filesOf, MOST_KEPT);

/**
 * Inputs and targets in files of NumPy or safetensors. What they are can only be told by reading them: that happens once in a
 * process, as soon as their spec is asked for, and again where a file has changed.
 *
 * @param options the arrays
 * @returns the data set; `spec` and `load` throw DataError `LOSSNET_DATA_UNUSABLE` for what is wrong with them
 */
export function arrays(options: ArraysOptions): DataSource {
  let own: ReadArrays | undefined;
  // The same for as long as this object lives, whatever becomes of the files.
  const parts = () => {
    own ??= read(options);
    return own;
  };
  return {
    get spec() {
      return parts().spec;
    },
    load: async () => {
      const { spec: _, ...datasets } = parts();
      return datasets;
    },
    known: parts,
    recall: async ({ split }) => {
      const { train, eval: evaluation, test } = parts();
      if (split === 'train') return train;
      return split === 'test' ? (test ?? evaluation) : evaluation;
    },
  };
}

function filesOf({ path, inputs, targets, eval: evaluation, test }: ArraysOptions): (string | null)[] {
  const others = [evaluation, test].map((own) => (typeof own === 'string' ? { path: own } : own));
  return [{ path, inputs, targets }, ...others].flatMap((place) => {
    if (place === null) return [];
    const file = place.path ?? path;
    return file === null ? [place.inputs ?? null, place.targets ?? null] : [file];
  });
}
