import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { LossnetError } from '../../../../base/errors.js';
import { systemCode, systemReason } from '../../../../base/system-errors.js';
import type { OfficialSplit } from '../../dataset.js';
import { type CifarFormat, recordBytes } from './formats.js';

/** One thing that is wrong with the files. */
export interface Problem {
  readonly code: 'LOSSNET_DATA_MISSING' | 'LOSSNET_DATA_CORRUPT' | 'LOSSNET_DATA_UNREADABLE';
  /** The file and what was found. */
  readonly text: string;
}

/** A batch file of plausible size. */
export interface BatchFile {
  readonly path: string;
  readonly records: number;
}

/**
 * Looks for the binary files: in the folder of the archive's name in `root`, else in `root` itself.
 *
 * @param format which data set
 * @param root folder; it need not exist
 * @returns the folder to read; null when neither that folder nor any batch file is there. Whether the files are
 * complete and sound is for `readCifar` to say: files that are there are never passed over in silence
 * @throws LossnetError `LOSSNET_DATA_UNREADABLE` when `root` cannot be listed
 */
export async function findCifar(format: CifarFormat, root: string): Promise<string | null> {
  let names: string[];
  try {
    names = await readdir(root);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw problemsError(format, root, [unreadable(root, error)]);
  }
  return folderOf(format, root, names);
}

/** Which folder it is, by the names in `root`. */
export function folderOf(
  { folder, files }: Pick<CifarFormat, 'folder' | 'files'>,
  root: string,
  names: readonly string[],
): string | null {
  if (names.includes(folder)) return join(root, folder);
  const own = Object.values(files).flat();
  return names.some((name) => own.includes(name)) ? root : null;
}

/**
 * Checks names, kinds and sizes of a split's files without reading them.
 *
 * @param format which data set
 * @param folder the folder that holds them
 * @param split which files
 * @param problems what is wrong is added here
 * @returns the files that can be read
 */
export async function inspectSplit(
  format: CifarFormat,
  folder: string,
  split: OfficialSplit,
  problems: Problem[],
): Promise<BatchFile[]> {
  const bytes = recordBytes(format);
  const files: BatchFile[] = [];
  const missing: string[] = [];
  for (const name of format.files[split]) {
    const path = join(folder, name);
    try {
      const found = await stat(path);
      const text = found.isFile() ? wrongSize(path, found.size, bytes) : wrongKind(path, found.isDirectory());
      if (text === null) files.push({ path, records: found.size / bytes });
      else problems.push({ code: 'LOSSNET_DATA_CORRUPT', text });
    } catch (error) {
      if (systemCode(error) === 'ENOENT') missing.push(name);
      else problems.push(unreadable(path, error));
    }
  }
  if (missing.length > 0) {
    const all = missing.length === format.files[split].length ? `no file of the ${split} split` : null;
    const text = `${folder}: ${all ?? 'incomplete'}: missing ${missing.join(', ')}`;
    problems.push({ code: 'LOSSNET_DATA_MISSING', text });
  }
  return files;
}

/** Words for a size that is not a whole number of records, or null. */
export function wrongSize(path: string, bytes: number, record: number): string | null {
  if (bytes === 0) return `${path}: the file is empty`;
  const rest = bytes % record;
  if (rest === 0) return null;
  const whole = (bytes - rest) / record;
  return `${path}: truncated or not of this format: ${bytes} bytes are ${whole} records of ${record} bytes and ${rest} bytes more`;
}

function wrongKind(path: string, isFolder: boolean): string {
  return `${path}: ${isFolder ? 'a folder stands' : 'something that is no regular file stands'} in place of the file`;
}

/** The problem of a file or folder that the system refuses to read. */
export function unreadable(path: string, error: unknown): Problem {
  return { code: 'LOSSNET_DATA_UNREADABLE', text: `${path}: cannot be read: ${systemReason(error)}` };
}

/**
 * All problems as one error. Its code is that of the first.
 *
 * @param format which data set
 * @param folder that was read
 * @param problems at least one
 * @param download whether the data set is downloaded where it is missing; null: not by what reads it now
 */
export function problemsError(
  format: CifarFormat,
  folder: string,
  problems: readonly Problem[],
  download: boolean | null = null,
): LossnetError {
  const codes = new Set(problems.map((problem) => problem.code));
  const remedies = [];
  if (codes.has('LOSSNET_DATA_UNREADABLE')) {
    remedies.push('Make the files readable for the user that runs lossnet.');
  }
  if (codes.has('LOSSNET_DATA_MISSING') || codes.has('LOSSNET_DATA_CORRUPT')) {
    remedies.push(`Put sound copies of the files named above into ${folder}.`);
    if (download !== null && basename(folder) === format.folder) {
      remedies.push(
        download
          ? `Or remove ${folder}: it is then downloaded again.`
          : `Or set dataset.download to true and remove ${folder}: it is then downloaded.`,
      );
    }
  }
  const list = problems.map((problem) => `  ${problem.text}`).join('\n');
  return new LossnetError(
    problems[0]!.code,
    `${format.title} cannot be loaded from ${folder}:\n${list}`,
    remedies.join('\n'),
  );
}
