import { join } from 'node:path';
import { LossnetError } from '../../base/errors.js';
import { formatBytes } from '../../base/format.js';
import { isOffline, OFFLINE } from '../../base/offline.js';
import type { OfficialSplit } from '../../train/data/dataset.js';
import { findCifar, inspectSplit, type Problem } from '../../train/data/sources/cifar/files.js';
import { CIFAR10, type CifarFormat, cifar100Format } from '../../train/data/sources/cifar/formats.js';
import { fileIn, findMnist } from '../../train/data/sources/mnist/files.js';
import { fileName, MNIST_FORMATS, type MnistFormat } from '../../train/data/sources/mnist/formats.js';
import { type Check, note, ok } from './check.js';

const SPLITS: readonly OfficialSplit[] = ['train', 'test'];

/**
 * Looks for the data sets that lossnet knows by name, without reading them.
 *
 * @param root folder of data sets
 * @returns what is there of each; none is needed for all trainings
 */
export async function checkData(root: string): Promise<Check[]> {
  return [
    await looked('cifar10', () => cifar(CIFAR10, root)),
    await looked('cifar100', () => cifar(cifar100Format('fine'), root)),
    await looked('mnist', async () => mnist(MNIST_FORMATS.mnist, root)),
    await looked('fashion_mnist', async () => mnist(MNIST_FORMATS.fashion_mnist, root)),
  ];
}

/** Where it is, what is wrong with it, and how much would be downloaded. */
interface Found {
  readonly folder: string | null;
  readonly problems: readonly string[];
  readonly bytes: number;
}

async function looked(type: string, look: () => Promise<Found>): Promise<Check> {
  const name = `data ${type}`;
  try {
    const { folder, problems, bytes } = await look();
    if (folder === null && isOffline()) {
      const help = `Bring it here, or unset LOSSNET_OFFLINE: the first training that needs it then downloads ${formatBytes(bytes)}.`;
      return note(name, `not here, and ${OFFLINE}`, help);
    }
    if (folder === null)
      return ok(name, `not here: the first training that needs it downloads ${formatBytes(bytes)}`);
    if (problems.length === 0) return ok(name, `in ${folder}, complete`);
    return note(
      name,
      problems.join('; '),
      `Put the files right, or remove ${folder}: then it is downloaded.`,
    );
  } catch (error) {
    if (!(error instanceof LossnetError)) throw error;
    return note(name, error.message, ...(error.remedy === undefined ? [] : [error.remedy]));
  }
}

async function cifar(format: CifarFormat, root: string): Promise<Found> {
  const folder = await findCifar(format, root);
  const problems: Problem[] = [];
  if (folder !== null) for (const split of SPLITS) await inspectSplit(format, folder, split, problems);
  return { folder, problems: problems.map(({ text }) => text), bytes: format.archive.bytes };
}

function mnist(format: MnistFormat, root: string): Found {
  const folder = findMnist(format, root, SPLITS);
  const parts = SPLITS.flatMap((split) =>
    (['images', 'labels'] as const).map((part) => [split, part] as const),
  );
  const missing = parts.filter(([split, part]) => folder !== null && fileIn(folder, split, part) === null);
  return {
    folder,
    problems: missing.map(([split, part]) => `${join(folder!, fileName(split, part))} is missing`),
    bytes: parts.reduce((sum, [split, part]) => sum + format.archives[split][part].bytes, 0),
  };
}
