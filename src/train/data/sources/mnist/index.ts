import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { LossnetError } from '../../../../base/errors.js';
import { isOffline } from '../../../../base/offline.js';
import { type Dataset, type OfficialSplit, officialSplit } from '../../dataset.js';
import { BEGIN_WITHOUT, DownloadError } from '../../fetch/archive.js';
import type { DataSource, LoadHooks } from '../../source.js';
import { BadFile, badFiles, findMnist, readPart } from './files.js';
import { fileName, MNIST_FORMATS, type MnistFormat, SIDE } from './formats.js';
import { provideMnist } from './provide.js';

/** MNIST's digits, or Fashion-MNIST's clothes, from their files. */
export interface MnistOptions {
  readonly type: keyof typeof MNIST_FORMATS;
  /** Folder that holds `mnist/` or `fashion-mnist/`, torchvision's `MNIST/raw/` or `FashionMNIST/raw/`, or the files themselves. */
  readonly root: string;
  readonly trainSplit: OfficialSplit;
  readonly evalSplit: OfficialSplit;
  /** Download the official files into `root` when they are not there. */
  readonly download: boolean;
}

/**
 * MNIST or Fashion-MNIST, looked for under `root`, packed or not, else downloaded and verified. Files that are there but
 * damaged are an error.
 *
 * @param options which, where it is, and which splits
 * @param format what it consists of; default: the official files
 * @returns the data set; `load` throws LossnetError `LOSSNET_DATA_UNAVAILABLE` with what was looked for and tried;
 * `LOSSNET_DATA_MISSING`, `_CORRUPT`, `_UNREADABLE` for files that are there
 */
export function mnist(options: MnistOptions, format: MnistFormat = MNIST_FORMATS[options.type]): DataSource {
  const { trainSplit, evalSplit } = options;
  return {
    spec: format.spec,
    async load(hooks = {}) {
      const splits = [...new Set([trainSplit, evalSplit])];
      const datasets = await readMnist(format, await folderOf(format, options, splits, hooks), splits);
      const of = (split: OfficialSplit) => datasets[splits.indexOf(split)]!;
      return { train: of(trainSplit), eval: of(evalSplit), warnings: [] };
    },
    async recall(identity, roots) {
      const { name, source } = identity;
      const split = officialSplit(identity);
      const candidates = [...new Set([source, ...roots, options.root])];
      for (const candidate of candidates) {
        const folder = findMnist(format, candidate, [split]);
        if (folder !== null) return (await readMnist(format, folder, [split]))[0]!;
      }
      throw new LossnetError(
        'LOSSNET_DATA_UNAVAILABLE',
        `The ${split} images of ${name} are not on disk: looked in ${candidates.join(', ')}.`,
        'Name the folder of the data that the run used in LOSSNET_DATA.',
      );
    },
  };
}

async function folderOf(
  format: MnistFormat,
  { root, download }: MnistOptions,
  splits: readonly OfficialSplit[],
  { onDownload, signal }: LoadHooks,
): Promise<string> {
  const found = findMnist(format, root, splits);
  // Where some are, the rest is missing, and is to be said: unless it is our own folder, that a download was to fill.
  if (found !== null && found !== join(root, format.folders[0])) return found;
  if (!download) {
    if (found !== null) return found;
    throw unavailable(format, root, 'Did not try to download it: dataset.download is false.');
  }
  const onProgress = (received: number, total: number) => onDownload?.(format.title, received, total);
  try {
    return await provideMnist(format, root, splits, { onProgress, signal });
  } catch (error) {
    if (!(error instanceof DownloadError)) throw error;
    throw unavailable(
      format,
      root,
      `${isOffline() ? 'Did not try' : 'Tried'} to download its files: ${error.message}.`,
    );
  }
}

/**
 * Reads splits.
 *
 * @param format which data set
 * @param folder that holds the files
 * @param splits what to read, each once
 * @returns the data sets in the order of `splits`, images as [records, 28, 28, 1] bytes
 * @throws LossnetError naming every problem of every file
 */
async function readMnist(
  format: MnistFormat,
  folder: string,
  splits: readonly OfficialSplit[],
): Promise<Dataset[]> {
  const problems: BadFile[] = [];
  const datasets: Dataset[] = [];
  for (const split of splits) {
    const parts = [readPart(folder, split, 'images'), readPart(folder, split, 'labels')] as const;
    const [images, labels] = await Promise.allSettled(parts);
    for (const part of [images, labels]) {
      if (part.status === 'fulfilled') continue;
      if (!(part.reason instanceof BadFile)) throw part.reason;
      problems.push(part.reason);
    }
    if (images.status === 'rejected' || labels.status === 'rejected') continue;
    const problem = misfit(format, images.value, labels.value);
    if (problem !== null) problems.push(new BadFile('LOSSNET_DATA_CORRUPT', problem));
    const [inputs, targets] = [images.value.bytes, labels.value.bytes];
    const sha256 = createHash('sha256').update(inputs).update(targets).digest('hex');
    datasets.push({
      identity: { name: format.spec.name, split, source: folder, records: targets.length, sha256 },
      spec: format.spec,
      inputs,
      targets,
    });
  }
  if (problems.length > 0) throw badFiles(format, folder, problems);
  return datasets;
}

type Part = Awaited<ReturnType<typeof readPart>>;

/** What is wrong with two files that are sound by themselves; null: nothing. */
function misfit({ spec }: MnistFormat, images: Part, labels: Part): string | null {
  const [count = 0, height, width] = images.shape;
  if (images.shape.length !== 3 || height !== SIDE || width !== SIDE) {
    return `${images.file}: holds ${images.shape.join(' x ')} values; expected images of ${SIDE} x ${SIDE}`;
  }
  if (count === 0) return `${images.file}: holds no image`;
  if (labels.shape.length !== 1 || labels.shape[0] !== count) {
    return `${labels.file}: holds ${labels.shape.join(' x ')} labels for the ${count} images of ${images.file}`;
  }
  const odd = labels.bytes.findIndex((label) => label >= spec.target.names.length);
  if (odd < 0) return null;
  return `${labels.file}: record ${odd} (counted from 0) has the label ${labels.bytes[odd]}, but labels are 0 to ${spec.target.names.length - 1}`;
}

function unavailable({ title, folders, archives }: MnistFormat, root: string, tried: string): LossnetError {
  const place = resolve(root);
  const urls = [archives.train.images, archives.train.labels, archives.test.images, archives.test.labels];
  return new LossnetError(
    'LOSSNET_DATA_UNAVAILABLE',
    [
      `${title} is not available.`,
      `Looked in ${place}, ${folders.map((name) => `${name}/`).join(' and ')} for ${fileName('train', 'images')} and the like: ${existsSync(root) ? 'not there' : 'there is no such folder'}.`,
      tried,
    ].join('\n'),
    [
      `Put these files into ${join(place, folders[0])}: ${urls.map(({ url }) => url).join(' ')}`,
      'Or say where they are: LOSSNET_DATA=<folder>, or dataset.root: <folder>',
      BEGIN_WITHOUT,
    ].join('\n'),
  );
}
