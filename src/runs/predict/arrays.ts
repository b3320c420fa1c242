import { DataError } from '../../train/data/data-error.js';
import type { Preprocessing } from '../../train/data/preprocessing.js';
import type { ArraysOptions } from '../../train/data/sources/arrays/index.js';
import { readInputs } from '../../train/data/sources/arrays/places.js';
import { inputsBy } from '../../train/data/sources/arrays/whole.js';
import type { PredictOptions } from './result.js';
import { AT_ONCE, errorText, type Sample, type SampleStream } from './samples.js';
import { allOf, STDIN, streamOf } from './stdin.js';

/** The most that Node reads as one file, less some room. */
const MOST_BYTES = 2_000_000_000;

/** What arrays are taken for: as in training. */
export type ArrayOptions = Pick<ArraysOptions, 'inputs' | 'imageOrder' | 'flatten'>;

/**
 * Samples in files of NumPy and safetensors, or in one that comes from standard input.
 *
 * @param inputs as they were named
 * @param options of the arrays that were trained on
 * @param preprocessing of the run
 * @param about stdin
 * @returns yields the samples encoded; a file that cannot be used is told of, and left out
 */
export async function* arrays(
  inputs: readonly string[],
  options: ArrayOptions,
  preprocessing: Preprocessing,
  { stdin }: Pick<PredictOptions, 'stdin'>,
): SampleStream {
  for (const input of inputs) {
    const bytes = input === STDIN ? await allOf(streamOf(stdin), MOST_BYTES) : null;
    try {
      const array = readInputs(input, bytes, options.inputs);
      const all = inputsBy(array, options, preprocessing);
      const samples = array.shape[0]!;
      const each = all.length / samples;
      for (let first = 0; first < samples; first += AT_ONCE) {
        const count = Math.min(AT_ONCE, samples - first);
        yield Array.from({ length: count }, (_, i): Sample => {
          const sample = first + i;
          return { input, sample, inputs: all.subarray(sample * each, (sample + 1) * each) };
        });
      }
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      yield [{ input, error: errorText(error) }];
    }
  }
}
