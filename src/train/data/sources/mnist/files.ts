import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LossnetError } from '../../../../base/errors.js';
import { exists, kindOf } from '../../../../base/read.js';
import { systemReason } from '../../../../base/system-errors.js';
import type { OfficialSplit } from '../../dataset.js';
import { fileName, type MnistFormat, type Part } from './formats.js';
import { type IdxArray, parseIdx } from './idx.js';

/** One thing that is wrong with a file, without a full stop. */
export class BadFile extends Error {
  constructor(
    readonly code: 'LOSSNET_DATA_MISSING' | 'LOSSNET_DATA_CORRUPT' | 'LOSSNET_DATA_UNREADABLE',
    message: string,
  ) {
    super(message);
  }
}

/** The file of a part in a folder, packed or not; null when neither is there. */
export function fileIn(folder: string, split: OfficialSplit, part: Part): string | null {
  const packed = join(folder, fileName(split, part));
  const plain = packed.replace(/\.gz$/, '');
  return [packed, plain].find((file) => exists(file)) ?? null;
}

/**
 * Looks for the files of splits: in the folders of either name below `root`, else in `root` itself.
 *
 * @param format which data set
 * @param root folder; it need not exist
 * @param splits that are needed
 * @returns the folder to read: the first that has any of them; null when none has. Whether they are complete and sound is for
 * `readPart` to say: files that are there are never passed over in silence
 */
export function findMnist(
  { folders }: MnistFormat,
  root: string,
  splits: readonly OfficialSplit[],
): string | null {
  const candidates = [...folders.map((name) => join(root, name)), root];
  const holds = (folder: string) =>
    splits.some(
      (split) => fileIn(folder, split, 'images') !== null || fileIn(folder, split, 'labels') !== null,
    );
  return candidates.find(holds) ?? null;
}

/**
 * Reads a file of a split.
 *
 * @param folder that holds it
 * @returns its array
 * @throws BadFile when it is missing, cannot be read or is damaged
 */
export async function readPart(
  folder: string,
  split: OfficialSplit,
  part: Part,
): Promise<IdxArray & { file: string }> {
  const file = fileIn(folder, split, part);
  if (file === null) {
    throw new BadFile('LOSSNET_DATA_MISSING', `${join(folder, fileName(split, part))} is missing`);
  }
  // A pipe may never come to its end.
  if (kindOf(file) !== 'file') {
    throw new BadFile(
      'LOSSNET_DATA_CORRUPT',
      `${file}: something that is no regular file stands in its place`,
    );
  }
  let content: Uint8Array;
  try {
    content = await readFile(file);
  } catch (error) {
    throw new BadFile('LOSSNET_DATA_UNREADABLE', `${file}: cannot be read: ${systemReason(error)}`);
  }
  try {
    return { ...(await parseIdx(content)), file };
  } catch (error) {
    throw new BadFile('LOSSNET_DATA_CORRUPT', `${file}: ${(error as Error).message}`);
  }
}

/** All that is wrong as one error. Its code is that of the first. */
export function badFiles({ title }: MnistFormat, folder: string, problems: readonly BadFile[]): LossnetError {
  const isUnreadable = problems.some(({ code }) => code === 'LOSSNET_DATA_UNREADABLE');
  return new LossnetError(
    problems[0]!.code,
    `${title} cannot be loaded from ${folder}:\n${problems.map(({ message }) => `  ${message}`).join('\n')}`,
    [
      ...(isUnreadable ? ['Make the files readable for the user that runs lossnet.'] : []),
      `Put sound copies of the files named above into ${folder}, or remove them: what is missing is downloaded, if dataset.download is true.`,
    ].join('\n'),
  );
}
