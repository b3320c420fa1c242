import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import type { DataSpec, Dataset, OfficialSplit } from '../../dataset.js';
import { type BatchFile, inspectSplit, type Problem, problemsError, unreadable, wrongSize } from './files.js';
import { CIFAR10, type CifarFormat, IMAGE_BYTES, recordBytes } from './formats.js';

const CHANNELS = 3;
const PLANE = IMAGE_BYTES / CHANNELS;

/**
 * Reads splits from the official binary files. Any number of records per file is fine.
 *
 * @param format which data set
 * @param folder the folder that holds the files
 * @param splits what to read, each once
 * @param download whether the data set is downloaded where it is missing, for the remedy; null: not by the caller
 * @returns the data sets in the order of `splits`, images as [records, 32, 32, 3] bytes
 * @throws LossnetError `LOSSNET_DATA_MISSING`, `LOSSNET_DATA_CORRUPT` or `LOSSNET_DATA_UNREADABLE`, naming every
 * problem of every file
 * @source https://www.cs.toronto.edu/~kriz/cifar.html, "Binary version"
 */
export async function readCifar(
  format: CifarFormat,
  folder: string,
  splits: readonly OfficialSplit[],
  download: boolean | null = null,
): Promise<Dataset[]> {
  const problems: Problem[] = [];
  const files = [];
  for (const split of splits) files.push(await inspectSplit(format, folder, split, problems));
  const datasets = [];
  // Once for all files: memory that nothing has lain in yet takes several times as long to read into.
  const room = new Uint8Array(
    Math.max(0, ...files.flat().map(({ records }) => records * recordBytes(format))),
  );
  for (const [i, split] of splits.entries()) {
    datasets.push(await readSplit({ format, folder, room, problems }, split, files[i]!));
  }
  if (problems.length > 0) throw problemsError(format, folder, problems, download);
  return datasets;
}

/** What files are read with. */
interface Reading {
  readonly format: CifarFormat;
  readonly folder: string;
  /** For the bytes of one file, whichever it is. */
  readonly room: Uint8Array;
  /** What is wrong is added here. */
  readonly problems: Problem[];
}

/** Reads the files even when there are problems already: the labels are to be checked in any case. */
async function readSplit(
  { format, folder, room, problems }: Reading,
  split: OfficialSplit,
  files: readonly BatchFile[],
): Promise<Dataset> {
  const records = files.reduce((sum, file) => sum + file.records, 0);
  const inputs = new Uint8Array(records * IMAGE_BYTES);
  const targets = new Uint8Array(records);
  let first = 0;
  for (const file of files) {
    const bytes = await readBatch({ format, room, problems }, file);
    if (bytes) {
      const wrong = wrongLabels(format, file.path, bytes);
      if (wrong) problems.push({ code: 'LOSSNET_DATA_CORRUPT', text: wrong });
      decode(format, bytes, inputs, targets, first);
    }
    first += file.records;
  }
  const { spec } = format;
  const hash = createHash('sha256').update(inputs).update(targets);
  if (areOther(spec)) hash.update(JSON.stringify(spec.target.names));
  const sha256 = hash.digest('hex');
  return {
    identity: { name: spec.name, split, source: folder, records, sha256 },
    spec,
    inputs,
    targets,
  };
}

/** Whether the classes are others than the official ones, so that they are a part of what the data are. */
const areOther = ({ name, target }: DataSpec): boolean =>
  name === CIFAR10.spec.name && target.names.join('\n') !== CIFAR10.spec.target.names.join('\n');

async function readBatch(
  { format, room, problems }: Omit<Reading, 'folder'>,
  { path, records }: BatchFile,
): Promise<Uint8Array | null> {
  const record = recordBytes(format);
  const bytes = room.subarray(0, records * record);
  let file: FileHandle | undefined;
  try {
    file = await open(path);
    const { size } = await file.stat();
    if (size === bytes.length && (await fill(file, bytes))) return bytes;
    const text = wrongSize(path, size, record) ?? `${path}: its size changed while it was read`;
    problems.push({ code: 'LOSSNET_DATA_CORRUPT', text });
  } catch (error) {
    problems.push(unreadable(path, error));
  } finally {
    await file?.close();
  }
  return null;
}

/** Whether the file has as many bytes as are wanted: they are read. */
async function fill(file: FileHandle, bytes: Uint8Array): Promise<boolean> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesRead } = await file.read(bytes, done, bytes.length - done, done);
    if (bytesRead === 0) return false;
    done += bytesRead;
  }
  return true;
}

/** Words for labels that are no class, or null. */
function wrongLabels(format: CifarFormat, path: string, bytes: Uint8Array): string | null {
  const { labels } = format;
  const size = recordBytes(format);
  let first = -1;
  let wrong = 0;
  let count = 0;
  for (let record = 0; record * size < bytes.length; record++) {
    const odd = labels.findIndex((classes, i) => bytes[record * size + i]! >= classes);
    if (odd < 0) continue;
    if (first < 0) [first, wrong] = [record, odd];
    count += 1;
  }
  if (count === 0) return null;
  const more = count === 1 ? '' : `; ${count} records of the file are like that`;
  const named = areOther(format.spec) ? ` (${format.namesFile} names ${labels[wrong]} classes)` : '';
  const label = bytes[first * size + wrong];
  return `${path}: record ${first} (counted from 0) has the label ${label}, but labels are 0 to ${labels[wrong]! - 1}${more}${named}`;
}

/** How many pixels are made of as many bytes of each plane, to be written as whole numbers of 32 bits. */
const AT_ONCE = 4;

/**
 * Planes become pixels: [channels, height, width] in the file, [height, width, channels] in memory. Four pixels at a time, as three
 * numbers: to write each byte by itself takes three times as long.
 */
function decode(
  format: CifarFormat,
  bytes: Uint8Array,
  images: Uint8Array,
  targets: Uint8Array,
  first: number,
): void {
  const { labels, target } = format;
  const size = recordBytes(format);
  const words = new Uint32Array(images.buffer, images.byteOffset, images.length / AT_ONCE);
  let to = (first * IMAGE_BYTES) / AT_ONCE;
  for (let start = 0, record = first; start < bytes.length; start += size, record++) {
    targets[record] = bytes[start + target]!;
    const begin = start + labels.length;
    for (let red = begin; red < begin + PLANE; red += AT_ONCE) {
      const green = red + PLANE;
      const blue = green + PLANE;
      words[to] = bytes[red]! | (bytes[green]! << 8) | (bytes[blue]! << 16) | (bytes[red + 1]! << 24);
      words[to + 1] =
        bytes[green + 1]! | (bytes[blue + 1]! << 8) | (bytes[red + 2]! << 16) | (bytes[green + 2]! << 24);
      words[to + 2] =
        bytes[blue + 2]! | (bytes[red + 3]! << 8) | (bytes[green + 3]! << 16) | (bytes[blue + 3]! << 24);
      to += CHANNELS;
    }
  }
}
