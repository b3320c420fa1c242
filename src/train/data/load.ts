import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { LossnetError } from '../errors.js';
import { type Archive, CIFAR10_ARCHIVE, DownloadError, type DownloadHooks } from './archive.js';
import { readCifar10 } from './cifar10.js';
import { CIFAR10_FOLDER, findCifar10, type Split } from './cifar10-files.js';
import type { ImageDataset } from './dataset.js';
import { provideCifar10 } from './provide.js';
import { generateShapes } from './shapes.js';

/** CIFAR-10's images, from its files. */
export interface Cifar10Options {
  readonly type: 'cifar10';
  /** Folder that holds `cifar-10-batches-bin/`, or the batch files themselves. */
  readonly root: string;
  readonly trainSplit: Split;
  readonly evalSplit: Split;
  /** Download the official archive into `root` when the files are not there. */
  readonly download: boolean;
  /** What to do when the images can be neither found nor downloaded. */
  readonly ifUnavailable: 'error' | 'shapes';
}

/** Shapes, made in memory. */
export interface GeneratedOptions {
  readonly type: 'shapes';
  /** Number of training images. Default 5,000. */
  readonly trainSize?: number;
  /** Number of evaluation images. Default 1,000. */
  readonly evalSize?: number;
  /** Seed of the images, apart from the seed of the run. Default 0. */
  readonly seed?: number;
}

export type DatasetOptions = Cifar10Options | GeneratedOptions;

export interface LoadedDatasets {
  readonly train: ImageDataset;
  readonly eval: ImageDataset;
  /** What a user must be told about the data. */
  readonly warnings: string[];
}

export interface LoadHooks extends DownloadHooks {
  /** The archive to download. Default: the official one. */
  readonly archive?: Archive;
}

const DEFAULT_SIZE: Readonly<Record<Split, number>> = { train: 5_000, test: 1_000 };
export const DEFAULT_SEED = 0;

/**
 * Loads what to train and to evaluate on. CIFAR-10 is looked for under `root`, else downloaded; when both fail, the
 * options say whether that is an error or generated shapes stand in. Files that are there but damaged are always an
 * error: a stand-in would hide it.
 *
 * @param options which data
 * @param hooks progress of a download, a signal that stops it, and its source
 * @returns the two data sets, the same object twice when the splits are the same, and warnings
 * @throws LossnetError `LOSSNET_DATA_UNAVAILABLE` with what was looked for and tried; `LOSSNET_DATA_MISSING`,
 * `_CORRUPT`, `_UNREADABLE` for files that are there; `LOSSNET_DATA_OPTION` for sizes that are impossible
 */
export async function loadDatasets(options: DatasetOptions, hooks: LoadHooks = {}): Promise<LoadedDatasets> {
  if (options.type === 'cifar10') return await loadCifar10(options, hooks);
  const { trainSize = DEFAULT_SIZE.train, evalSize = DEFAULT_SIZE.test, seed = DEFAULT_SEED } = options;
  return {
    train: generateShapes({ seed, split: 'train', size: trainSize }),
    eval: generateShapes({ seed, split: 'test', size: evalSize }),
    warnings: [],
  };
}

async function loadCifar10(options: Cifar10Options, hooks: LoadHooks): Promise<LoadedDatasets> {
  const { root, download, ifUnavailable } = options;
  let folder = await findCifar10(root);
  let reason = 'it is not on disk, and the download is switched off';
  if (folder === null && download) {
    try {
      folder = await provideCifar10(root, hooks);
    } catch (error) {
      if (!(error instanceof DownloadError)) throw error;
      reason = error.message;
    }
  }
  if (folder !== null) {
    const load = (splits: Split[]) => readCifar10(folder, splits);
    return { ...(await inSplits(options, load)), warnings: [] };
  }
  if (ifUnavailable === 'error') throw unavailable(options, hooks.archive ?? CIFAR10_ARCHIVE, reason);
  const standIn = (split: Split) =>
    generateShapes({ seed: DEFAULT_SEED, split, size: DEFAULT_SIZE[split], standsInFor: 'cifar10' });
  const warning = `CIFAR-10 is not available (${reason}). Generated shapes stand in for it: the results of this run are not results on CIFAR-10.`;
  return { ...(await inSplits(options, async (splits) => splits.map(standIn))), warnings: [warning] };
}

/** Loads two splits, or one for both purposes. */
async function inSplits(
  { trainSplit, evalSplit }: Cifar10Options,
  load: (splits: Split[]) => Promise<ImageDataset[]>,
): Promise<{ train: ImageDataset; eval: ImageDataset }> {
  const [train, evaluation] = await load(trainSplit === evalSplit ? [trainSplit] : [trainSplit, evalSplit]);
  return { train: train!, eval: evaluation ?? train! };
}

function unavailable({ root, download }: Cifar10Options, archive: Archive, reason: string): LossnetError {
  const place = resolve(root);
  const tried = download
    ? `Tried to download ${archive.url}: ${reason}.`
    : 'Did not try to download it: dataset.download is false.';
  const python = existsSync(join(root, 'cifar-10-batches-py'))
    ? ['(cifar-10-batches-py is there, but that is the Python version: the binary version is needed.)']
    : [];
  return new LossnetError(
    'LOSSNET_DATA_UNAVAILABLE',
    [
      'CIFAR-10 is not available.',
      `Looked in ${place} for ${CIFAR10_FOLDER}/ and for data_batch_1.bin … test_batch.bin: ${existsSync(root) ? 'not there' : 'there is no such folder'}.`,
      ...python,
      tried,
    ].join('\n'),
    [
      `Put the files of ${archive.url} into ${join(place, CIFAR10_FOLDER)}${download ? `, or the archive itself into ${place}` : ''}.`,
      'Or say where they are: LOSSNET_DATA=<folder>, or dataset.root: <folder>',
      'Or train on generated shapes in their place: dataset.if_unavailable: shapes',
      'Or begin without them: lossnet train configs/shapes-sgd.yaml',
    ].join('\n'),
  );
}
