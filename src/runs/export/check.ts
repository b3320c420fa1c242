import { LossnetError } from '../../base/errors.js';
import type { Predictor } from '../trained/predictor.js';
import { openExport } from './run.js';
import { batchesOf, type Samples } from './samples.js';

/** So far may an export be from lossnet, as a share of the largest value. */
const ALLOWED = 1e-5;

/** So many samples are run at once where the model takes any number: between two batches it can be stopped. */
const AT_ONCE = 10;

/** How an export that was run compares with lossnet. */
export interface ExportCheck {
  readonly samples: number;
  /** Those that the run was evaluated on, or random ones of the same kind. */
  readonly data: Samples['kind'];
  /** The largest difference of an output. */
  readonly largestDifference: number;
  /** The largest output, without its sign. */
  readonly largestValue: number;
}

/**
 * Runs an export, and compares what it says with what lossnet says.
 *
 * @param folder of the export
 * @param predictor what says in lossnet what the export should say
 * @param samples to run
 * @param onDone told how many samples were run; gives back whether to go on
 * @returns how they compare; null when it was not to go on
 * @throws LossnetError when they differ by more than 1e-5 of the largest value, or are no numbers; when the export cannot be run
 */
export async function checkExport(
  folder: string,
  predictor: Predictor,
  samples: Samples,
  onDone: (samples: number) => Promise<boolean>,
): Promise<ExportCheck | null> {
  const runner = await openExport(folder);
  try {
    const { batchSize, looksAtBatch } = runner.record;
    const size = batchSize ?? (looksAtBatch ? null : AT_ONCE);
    let [largestDifference, largestValue, done] = [0, 0, 0];
    for (const [inputs, count] of batchesOf(samples, size)) {
      const expected = await predictor.outputs(inputs, count);
      const actual = await runner.run(inputs, count);
      if (actual.length !== expected.length) throw differs('gives another number of outputs');
      for (const [i, value] of expected.entries()) {
        if (!Number.isFinite(value)) throw notFinite();
        const difference = Math.abs(actual[i]! - value);
        if (!Number.isFinite(difference)) throw differs('gives outputs that are not finite numbers');
        largestDifference = Math.max(largestDifference, difference);
        largestValue = Math.max(largestValue, Math.abs(value));
      }
      done = Math.min(done + count, samples.count);
      if (!(await onDone(done))) return null;
    }
    if (largestDifference > ALLOWED * largestValue) {
      const share = (largestDifference / largestValue).toPrecision(2);
      throw differs(
        `differs by ${largestDifference.toPrecision(2)} from it, ${share} of the largest value, and ${ALLOWED} is allowed`,
      );
    }
    const { kind: data, count } = samples;
    return { samples: count, data, largestDifference, largestValue };
  } finally {
    runner.dispose();
  }
}

const differs = (how: string) =>
  new LossnetError(
    'LOSSNET_EXPORT_DIFFERS',
    `The exported model does not say what lossnet says: it ${how}. Nothing was exported.`,
    'Please report it, with the configuration. Another --format may do; --no-check exports it as it is.',
  );

const notFinite = () =>
  new LossnetError(
    'LOSSNET_EXPORT_NOT_FINITE',
    "The model's own outputs are not finite numbers, so that nothing can be checked. Nothing was exported.",
    'Export other weights, with --weights last or best, or train it again with a smaller learning rate.',
  );
