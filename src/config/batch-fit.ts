import { LossnetError } from '../base/errors.js';
import { formatBytes, formatCount } from '../base/format.js';
import { usableMemory } from '../base/memory.js';
import { sampleNoun, unitOf } from '../train/data/dataset.js';
import type { DataLoader } from '../train/data/loader.js';
import type { Engine } from '../train/engine/index.js';
import { MOST_VALUES } from '../train/model/layers/index.js';
import type { Sequential } from '../train/model/sequential.js';
import { largestOutput } from '../train/model/work.js';
import { partSizes } from '../train/parallel/parts.js';

/** Batch normalisation of features cannot be trained on a single sample, as the last batch of an epoch may be. */
export function refuseSmallBatches({ smallestBatch }: Sequential, loader: DataLoader): void {
  const { batchSize, samples, length, dataset } = loader;
  const last = samples - (length - 1) * batchSize;
  if (last >= smallestBatch) return;
  const which = length === 1 || batchSize === last ? 'a batch' : 'the last batch of an epoch';
  throw new LossnetError(
    'LOSSNET_DATA_OPTION',
    `Batch normalisation needs more than one value per channel to train, and ${which} has one ${sampleNoun(dataset.spec)} (${samples} ${unitOf(dataset.spec)}, batches of ${batchSize}).`,
    batchSize === 1
      ? 'Set loader.batch_size to 2 or more, or use layer_norm.'
      : 'Set loader.drop_last to true, or change loader.batch_size.',
  );
}

/** What is normalised over a batch is normalised over a part of it. */
export function refuseSmallParts({ smallestBatch }: Sequential, loader: DataLoader, parts: number): void {
  const all = Array.from({ length: parts }, (_, part) => part);
  const smallest = Math.min(...loader.sizes.flatMap((size) => partSizes(size, all, parts)));
  if (smallest >= smallestBatch) return;
  throw new LossnetError(
    'LOSSNET_DATA_OPTION',
    `Batch normalisation needs more than one value per channel to train, and a part of a batch has one ${sampleNoun(loader.dataset.spec)} (batches of ${loader.sizes.join(' and ')}, ${parts} parts).`,
    'Set loader.batch_size higher, parallel.parts lower, or loader.drop_last to true; or use layer_norm.',
  );
}

const BYTES_OF_FLOAT = 4;

/**
 * What one layer makes of a batch has to fit into the memory, as it is kept for the way back: where it does not, TensorFlow ends the
 * process without a word. Where the batch is not cut into parts, it has to be one tensor too.
 *
 * @param model what is trained
 * @param engine what runs its steps
 * @param loader of the training samples
 * @param samples of the largest batch, or of its parts that this process computes
 * @param memory in bytes; default: what this process may use
 * @throws LossnetError `LOSSNET_DATA_OPTION` when it cannot fit
 */
export function refuseLargeBatches(
  model: Sequential,
  engine: Engine,
  { dataset }: DataLoader,
  samples: number,
  memory = usableMemory(),
): void {
  const isWhole = engine === 'eager' || model.mixesSamples;
  // Of frozen layers nothing is kept: parts may follow each other.
  if (!isWhole && model.trainable.length < model.parameters.length) return;
  const bytes = BYTES_OF_FLOAT * samples * largestOutput(model.layers);
  const most = isWhole ? Math.min(memory, BYTES_OF_FLOAT * MOST_VALUES) : memory;
  if (bytes <= most) return;
  throw new LossnetError(
    'LOSSNET_DATA_OPTION',
    `What one layer makes of ${formatCount(samples)} ${unitOf(dataset.spec)} takes ${formatBytes(bytes)}, and at most ${formatBytes(most)} fit.`,
    'Set loader.batch_size lower; accumulate adds up the gradients of several batches for each step.',
  );
}
