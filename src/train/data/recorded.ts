import { LossnetError } from '../errors.js';
import { readCifar10 } from './cifar10.js';
import { findCifar10 } from './cifar10-files.js';
import type { DatasetIdentity, ImageDataset } from './dataset.js';
import { type DatasetOptions, DEFAULT_SEED } from './load.js';
import { generateShapes } from './shapes.js';

/**
 * Loads again the very images that a run recorded. Nothing is downloaded, and nothing stands in for them that did not
 * then.
 *
 * @param options what the run's configuration says of its data
 * @param identity what the run recorded of them
 * @param roots further folders to look in, such as where data sets are kept now
 * @returns the images
 * @throws LossnetError `LOSSNET_DATA_UNAVAILABLE` when they are not there, `LOSSNET_DATA_CHANGED` when what is there
 * are others; `LOSSNET_DATA_CORRUPT` and its kin for files that cannot be read
 */
export async function loadRecorded(
  options: DatasetOptions,
  identity: DatasetIdentity,
  roots: readonly string[] = [],
): Promise<ImageDataset> {
  const dataset =
    identity.name === 'shapes'
      ? generateAgain(options, identity)
      : await readAgain(options, identity, [identity.source, ...roots]);
  const { sha256 } = dataset.identity;
  if (sha256 === identity.sha256) return dataset;
  throw new LossnetError(
    'LOSSNET_DATA_CHANGED',
    `The ${identity.split} images of ${identity.name} in ${dataset.identity.source} are not those of the run: their SHA-256 is ${sha256.slice(0, 16)}…, the run recorded ${identity.sha256.slice(0, 16)}….`,
    'Name the folder of the data that the run used in LOSSNET_DATA.',
  );
}

function generateAgain(
  options: DatasetOptions,
  { split, records, standsInFor }: DatasetIdentity,
): ImageDataset {
  const seed = standsInFor === undefined && options.type === 'shapes' ? options.seed : undefined;
  return generateShapes({
    seed: seed ?? DEFAULT_SEED,
    split,
    size: records,
    ...(standsInFor !== undefined && { standsInFor }),
  });
}

/** From the first folder that holds the data set at all. */
async function readAgain(
  options: DatasetOptions,
  { name, split }: DatasetIdentity,
  folders: readonly string[],
): Promise<ImageDataset> {
  const candidates = [...new Set([...folders, ...(options.type === 'cifar10' ? [options.root] : [])])];
  for (const candidate of candidates) {
    const folder = await findCifar10(candidate);
    if (folder !== null) return (await readCifar10(folder, [split]))[0]!;
  }
  throw new LossnetError(
    'LOSSNET_DATA_UNAVAILABLE',
    `The ${split} images of ${name} are not on disk: looked in ${candidates.join(', ')}.`,
    'Name the folder of the data that the run used in LOSSNET_DATA.',
  );
}
