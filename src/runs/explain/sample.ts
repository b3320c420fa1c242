import type { DataSpec } from '../../train/data/dataset.js';
import type { Batch } from '../../train/data/loader.js';
import type { FittedInput, Preprocessing } from '../../train/data/preprocessing.js';
import { formatNumber } from '../../train/formula.js';
import type { SampleView } from './result.js';

/**
 * A sample as the model sees it, of a batch that the loader has cut.
 *
 * @param batch the batch
 * @param index which of its samples
 * @param spec what the data are
 * @param preprocessing what was learnt of a table: how its inputs are called; undefined: nothing was
 * @returns its picture, its row or its tokens
 */
export function viewOf(
  batch: Batch,
  index: number,
  { input, target }: DataSpec,
  preprocessing: Preprocessing | undefined,
): SampleView {
  const each = batch.shape.reduce((product, size) => product * size, 1);
  const own = <Values extends { subarray(from: number, to: number): Values }>(values: Values) =>
    values.subarray(index * each, (index + 1) * each);
  switch (input.kind) {
    case 'image': {
      const { channels, height, width } = input;
      return { kind: 'image', channels, height, width, pixels: Array.from(own(batch.bytes!)) };
    }
    case 'features': {
      const names = featureNames(preprocessing?.inputs ?? null, input.features);
      const values = Array.from(own(batch.inputs as Float32Array), (value, i) => ({
        name: names[i]!,
        value,
      }));
      return { kind: 'features', values };
    }
    case 'tokens': {
      // What is to be told is of the same vocabulary as what is seen.
      const names = target.kind === 'class' ? target.names : [];
      return {
        kind: 'tokens',
        tokens: Array.from(own(batch.inputs as Int32Array), (id) => names[id] ?? `${id}`),
      };
    }
  }
}

/**
 * @param batch the batch
 * @param index which of its samples
 * @param spec what the data are
 * @returns what is right: a name, of several the last one; or values in their own units
 */
export function targetOf(batch: Batch, index: number, { target }: DataSpec): string {
  if (target.kind === 'class') {
    const each = target.length ?? 1;
    return target.names[batch.targets[(index + 1) * each - 1]!]!;
  }
  const width = target.names.length;
  return target.names
    .map((name, k) => {
      const value = batch.targets[index * width + k]!;
      const own = target.std ? value * target.std[k]! + (target.mean?.[k] ?? 0) : value;
      return `${name} ${formatNumber(own)}`;
    })
    .join(', ');
}

function featureNames(inputs: readonly FittedInput[] | null, count: number): string[] {
  if (inputs === null) return Array.from({ length: count }, (_, i) => `x${i}`);
  return inputs.flatMap((input) =>
    input.kind === 'category'
      ? input.categories.map((category) => `${input.column} = ${category}`)
      : [input.column],
  );
}
