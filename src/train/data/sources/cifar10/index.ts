import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { LossnetError } from '../../../../base/errors.js';
import type { Dataset, DatasetIdentity, OfficialSplit } from '../../dataset.js';
import { officialSplit } from '../../dataset.js';
import { type Archive, CIFAR10_ARCHIVE, DownloadError } from '../../fetch/archive.js';
import type { DataSource, LoadedDatasets, LoadHooks } from '../../source.js';
import { standIn, standInAgain } from '../shapes/index.js';
import { CIFAR10_FOLDER, findCifar10 } from './files.js';
import { provideCifar10 } from './provide.js';
import { CIFAR10_SPEC, readCifar10 } from './read.js';

/** CIFAR-10's images, from its files. */
export interface Cifar10Options {
  readonly type: 'cifar10';
  /** Folder that holds `cifar-10-batches-bin/`, or the batch files themselves. */
  readonly root: string;
  readonly trainSplit: OfficialSplit;
  readonly evalSplit: OfficialSplit;
  /** Download the official archive into `root` when the files are not there. */
  readonly download: boolean;
  /** What to do when the images can be neither found nor downloaded. */
  readonly ifUnavailable: 'error' | 'shapes';
}

/**
 * CIFAR-10, looked for under `root`, else downloaded; when both fail, the options say whether that is an error or generated
 * shapes stand in. Files that are there but damaged are always an error: a stand-in would hide it.
 *
 * @param options where it is, and which splits
 * @param archive what to download; default: the official archive
 * @returns the data set; `load` throws LossnetError `LOSSNET_DATA_UNAVAILABLE` with what was looked for and tried;
 * `LOSSNET_DATA_MISSING`, `_CORRUPT`, `_UNREADABLE` for files that are there
 */
export function cifar10(options: Cifar10Options, archive: Archive = CIFAR10_ARCHIVE): DataSource {
  return {
    spec: CIFAR10_SPEC,
    load: (hooks = {}) => load(options, archive, hooks),
    recall: async (identity, roots) =>
      identity.standsInFor === undefined
        ? await readAgain(identity, [identity.source, ...roots, options.root])
        : standInAgain(identity),
  };
}

async function load(
  options: Cifar10Options,
  archive: Archive,
  { onDownload, signal }: LoadHooks,
): Promise<LoadedDatasets> {
  const { root, download, ifUnavailable } = options;
  let folder = await findCifar10(root);
  let reason = 'it is not on disk, and the download is switched off';
  if (folder === null && download) {
    try {
      const onProgress = (received: number, total: number) => onDownload?.('CIFAR-10', received, total);
      folder = await provideCifar10(root, { onProgress, signal, archive });
    } catch (error) {
      if (!(error instanceof DownloadError)) throw error;
      reason = error.message;
    }
  }
  if (folder !== null) {
    const read = (splits: OfficialSplit[]) => readCifar10(folder, splits, download);
    return { ...(await inSplits(options, read)), warnings: [] };
  }
  if (ifUnavailable === 'error') throw unavailable(options, archive, reason);
  const shapes = async (splits: OfficialSplit[]) => splits.map((split) => standIn(split, CIFAR10_SPEC.name));
  const warning = `CIFAR-10 is not available (${reason}). Generated shapes stand in for it: the results of this run are not results on CIFAR-10.`;
  return { ...(await inSplits(options, shapes)), warnings: [warning] };
}

/** Loads two splits, or one for both purposes. */
async function inSplits(
  { trainSplit, evalSplit }: Cifar10Options,
  load: (splits: OfficialSplit[]) => Promise<Dataset[]>,
): Promise<{ train: Dataset; eval: Dataset }> {
  const [train, evaluation] = await load(trainSplit === evalSplit ? [trainSplit] : [trainSplit, evalSplit]);
  return { train: train!, eval: evaluation ?? train! };
}

/** From the first folder that holds the data set at all. */
async function readAgain(identity: DatasetIdentity, folders: readonly string[]): Promise<Dataset> {
  const { name } = identity;
  const split = officialSplit(identity);
  const candidates = [...new Set(folders)];
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
