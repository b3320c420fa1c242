import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { LossnetError } from '../../../../base/errors.js';
import { isOffline } from '../../../../base/offline.js';
import {
  type Dataset,
  type DatasetIdentity,
  DEFAULT_ROOT,
  type OfficialSplit,
  officialSplit,
} from '../../dataset.js';
import { type Archive, BEGIN_WITHOUT, DownloadError, SHAPES_INSTEAD } from '../../fetch/archive.js';
import type { DataSource, LoadedDatasets, LoadHooks } from '../../source.js';
import { SHAPES, standIn, standInAgain } from '../shapes/index.js';
import { namedIn } from './class-names.js';
import { findCifar } from './files.js';
import { CIFAR10, type CifarFormat, cifar100Format } from './formats.js';
import { provideCifar } from './provide.js';
import { readCifar } from './read.js';

/** Where the files are, and what is made of them. */
interface FileOptions {
  /** Folder that holds the folder of the official archive, or the binary files themselves. */
  readonly root: string;
  readonly trainSplit: OfficialSplit;
  readonly evalSplit: OfficialSplit;
  /** Download the official archive into `root` when the files are not there. */
  readonly download: boolean;
}

/** CIFAR-10's images, from its files. */
export interface Cifar10Options extends FileOptions {
  readonly type: 'cifar10';
  /** What to do when the images can be neither found nor downloaded. */
  readonly ifUnavailable: 'error' | 'shapes';
}

/** CIFAR-100's images, from its files. */
export interface Cifar100Options extends FileOptions {
  readonly type: 'cifar100';
  /** The hundred classes, or the twenty that they are grouped in. */
  readonly labels: 'fine' | 'coarse';
}

/**
 * CIFAR-10, or pictures of one's own in its form with `batches.meta.txt` naming their classes, looked for under `root`, else downloaded; when both fail, the options say whether that is an error or generated
 * shapes stand in. Files that are there but damaged are always an error: a stand-in would hide it.
 *
 * @param options where it is, and which splits
 * @param archive what to download; default: the official archive
 * @returns the data set; `load` throws LossnetError `LOSSNET_DATA_UNAVAILABLE` with what was looked for and tried;
 * `LOSSNET_DATA_MISSING`, `_CORRUPT`, `_UNREADABLE` for files that are there
 */
export function cifar10(options: Cifar10Options, archive: Archive = CIFAR10.archive): DataSource {
  return sourceOf({ ...CIFAR10, archive }, options, options.ifUnavailable === 'shapes');
}

/** CIFAR-100, in the same way; nothing can stand in for so many classes. See `cifar10`. */
export function cifar100(options: Cifar100Options, archive?: Archive): DataSource {
  const format = cifar100Format(options.labels);
  return sourceOf({ ...format, ...(archive && { archive }) }, options, false);
}

function sourceOf(official: CifarFormat, options: FileOptions, mayStandIn: boolean): DataSource {
  let named: CifarFormat | undefined;
  // The same for as long as this object lives, whatever becomes of the folder.
  const format = () => {
    named ??= namedIn(official, options.root);
    return named;
  };
  return {
    get spec() {
      return format().spec;
    },
    load: (hooks = {}) => load(format(), options, mayStandIn, hooks),
    recall: async (identity, roots) =>
      identity.standsInFor === undefined
        ? await readAgain(official, identity, [identity.source, ...roots, options.root])
        : standInAgain(identity),
  };
}

async function load(
  format: CifarFormat,
  options: FileOptions,
  mayStandIn: boolean,
  { onDownload, signal }: LoadHooks,
): Promise<LoadedDatasets> {
  const { root, download } = options;
  const { title, spec, archive } = format;
  let folder = await findCifar(format, root);
  let reason = 'it is not on disk, and the download is switched off';
  if (folder === null && download) {
    try {
      const onProgress = (received: number, total: number) => onDownload?.(title, received, total);
      folder = await provideCifar(format, root, { onProgress, signal, archive });
    } catch (error) {
      if (!(error instanceof DownloadError)) throw error;
      reason = error.message;
    }
  }
  if (folder !== null) {
    const read = (splits: OfficialSplit[]) => readCifar(format, folder, splits, download);
    return { ...(await inSplits(options, read)), warnings: [] };
  }
  // A folder that was named and is not there is a mistake, which nothing may hide.
  const isNamedInVain = root !== DEFAULT_ROOT && !existsSync(root);
  if (!mayStandIn || isNamedInVain) throw unavailable(format, options, reason, !mayStandIn);
  const shapes = async (splits: OfficialSplit[]) => splits.map((split) => standIn(split, spec.name));
  const warning = `${title} is not available (${reason}). Generated shapes stand in for it: the results of this run are not results on ${title}.`;
  // The classes are other ones than the configuration says.
  return { ...(await inSplits(options, shapes)), preprocessing: SHAPES, warnings: [warning] };
}

/** Loads two splits, or one for both purposes. */
async function inSplits(
  { trainSplit, evalSplit }: FileOptions,
  load: (splits: OfficialSplit[]) => Promise<Dataset[]>,
): Promise<{ train: Dataset; eval: Dataset }> {
  const [train, evaluation] = await load(trainSplit === evalSplit ? [trainSplit] : [trainSplit, evalSplit]);
  return { train: train!, eval: evaluation ?? train! };
}

/** From the first folder that holds the data set at all. */
async function readAgain(
  format: CifarFormat,
  identity: DatasetIdentity,
  folders: readonly string[],
): Promise<Dataset> {
  const { name } = identity;
  const split = officialSplit(identity);
  const candidates = [...new Set(folders)];
  for (const candidate of candidates) {
    const folder = await findCifar(format, candidate);
    if (folder !== null) return (await readCifar(namedIn(format, candidate), folder, [split]))[0]!;
  }
  throw new LossnetError(
    'LOSSNET_DATA_UNAVAILABLE',
    `The ${split} images of ${name} are not on disk: looked in ${candidates.join(', ')}.`,
    'Name the folder of the data that the run used in LOSSNET_DATA.',
  );
}

function unavailable(
  format: CifarFormat,
  { root, download }: FileOptions,
  reason: string,
  offersShapes: boolean,
): LossnetError {
  const { title, folder, archive, files, spec } = format;
  const place = resolve(root);
  const tried = download
    ? `${isOffline() ? 'Did not try' : 'Tried'} to download ${archive.url}: ${reason}.`
    : 'Did not try to download it: dataset.download is false.';
  const other =
    folder.replace(/-(batches-)?(bin|binary)$/, '-$1') + (folder.endsWith('-bin') ? 'py' : 'python');
  const python = existsSync(join(root, other))
    ? [`(${other} is there, but that is the Python version: the binary version is needed.)`]
    : [];
  const names = [...files.train, ...files.test];
  return new LossnetError(
    'LOSSNET_DATA_UNAVAILABLE',
    [
      `${title} is not available.`,
      `Looked in ${place} for ${folder}/ and for ${names[0]} … ${names.at(-1)}: ${existsSync(root) ? 'not there' : 'there is no such folder'}.`,
      ...python,
      tried,
    ].join('\n'),
    [
      `Put the files of ${archive.url} into ${join(place, folder)}${download ? `, or the archive itself into ${place}` : ''}.`,
      'Or say where they are: LOSSNET_DATA=<folder>, or dataset.root: <folder>',
      ...(spec.name === 'cifar10' && offersShapes ? [SHAPES_INSTEAD] : []),
      BEGIN_WITHOUT,
    ].join('\n'),
  );
}
