import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { DataSpec, Dataset, OfficialSplit } from '../../dataset.js';
import {
  type BatchFile,
  inspectSplit,
  type Problem,
  problemsError,
  RECORD_BYTES,
  unreadable,
  wrongSize,
} from './files.js';

/** The names of CIFAR-10's classes, in the order of their index. */
export const CIFAR10_CLASSES: readonly string[] = [
  'airplane',
  'automobile',
  'bird',
  'cat',
  'deer',
  'dog',
  'frog',
  'horse',
  'ship',
  'truck',
];

const SIDE = 32;
const CHANNELS = 3;
const PLANE = SIDE * SIDE;
const IMAGE_BYTES = PLANE * CHANNELS;

export const CIFAR10_SPEC: DataSpec = {
  name: 'cifar10',
  input: { kind: 'image', channels: CHANNELS, height: SIDE, width: SIDE },
  target: { kind: 'class', names: CIFAR10_CLASSES },
};

/**
 * Reads splits of CIFAR-10 from its official binary files. Any number of records per file is fine.
 *
 * @param folder the folder that holds the files: `data_batch_1.bin` … `data_batch_5.bin` for the train split, in
 * this order, and `test_batch.bin` for the test split
 * @param splits what to read, each once
 * @param download whether the data set is downloaded where it is missing, for the remedy; null: not by the caller
 * @returns the data sets in the order of `splits`, images as [records, 32, 32, 3] bytes
 * @throws LossnetError `LOSSNET_DATA_MISSING`, `LOSSNET_DATA_CORRUPT` or `LOSSNET_DATA_UNREADABLE`, naming every
 * problem of every file
 * @source https://www.cs.toronto.edu/~kriz/cifar.html, "Binary version"
 */
export async function readCifar10(
  folder: string,
  splits: readonly OfficialSplit[],
  download: boolean | null = null,
): Promise<Dataset[]> {
  const problems: Problem[] = [];
  const files = [];
  for (const split of splits) files.push(await inspectSplit(folder, split, problems));
  const datasets = [];
  for (const [i, split] of splits.entries()) {
    datasets.push(await readSplit(folder, split, files[i]!, problems));
  }
  if (problems.length > 0) throw problemsError(folder, problems, download);
  return datasets;
}

/** Reads the files even when there are problems already: the labels are to be checked in any case. */
async function readSplit(
  folder: string,
  split: OfficialSplit,
  files: readonly BatchFile[],
  problems: Problem[],
): Promise<Dataset> {
  const records = files.reduce((sum, file) => sum + file.records, 0);
  const inputs = new Uint8Array(records * IMAGE_BYTES);
  const targets = new Uint8Array(records);
  let first = 0;
  for (const file of files) {
    const bytes = await readBatch(file, problems);
    if (bytes) {
      const wrong = wrongLabels(file.path, bytes);
      if (wrong) problems.push({ code: 'LOSSNET_DATA_CORRUPT', text: wrong });
      decode(bytes, inputs, targets, first);
    }
    first += file.records;
  }
  const sha256 = createHash('sha256').update(inputs).update(targets).digest('hex');
  return {
    identity: { name: CIFAR10_SPEC.name, split, source: folder, records, sha256 },
    spec: CIFAR10_SPEC,
    inputs,
    targets,
  };
}

async function readBatch({ path, records }: BatchFile, problems: Problem[]): Promise<Uint8Array | null> {
  try {
    const bytes = await readFile(path);
    if (bytes.length === records * RECORD_BYTES) return bytes;
    const text = wrongSize(path, bytes.length) ?? `${path}: its size changed while it was read`;
    problems.push({ code: 'LOSSNET_DATA_CORRUPT', text });
  } catch (error) {
    problems.push(unreadable(path, error));
  }
  return null;
}

/** Words for labels that are no class, or null. */
function wrongLabels(path: string, bytes: Uint8Array): string | null {
  const last = CIFAR10_CLASSES.length - 1;
  let first = -1;
  let count = 0;
  for (let record = 0; record * RECORD_BYTES < bytes.length; record++) {
    if (bytes[record * RECORD_BYTES]! <= last) continue;
    if (first < 0) first = record;
    count += 1;
  }
  if (count === 0) return null;
  const more = count === 1 ? '' : `; ${count} records of the file are like that`;
  const label = bytes[first * RECORD_BYTES];
  return `${path}: record ${first} (counted from 0) has the label ${label}, but labels are 0 to ${last}${more}`;
}

/** Planes become pixels: [channels, height, width] in the file, [height, width, channels] in memory. */
function decode(bytes: Uint8Array, images: Uint8Array, targets: Uint8Array, first: number): void {
  let to = first * IMAGE_BYTES;
  for (let start = 0, record = first; start < bytes.length; start += RECORD_BYTES, record++) {
    targets[record] = bytes[start]!;
    for (let red = start + 1; red <= start + PLANE; red++) {
      images[to] = bytes[red]!;
      images[to + 1] = bytes[red + PLANE]!;
      images[to + 2] = bytes[red + 2 * PLANE]!;
      to += CHANNELS;
    }
  }
}
