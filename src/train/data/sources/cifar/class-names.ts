import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { exists } from '../../../../base/read.js';
import { DataError, quoted, some } from '../../data-error.js';
import { ownFile } from '../../own-file.js';
import { folderOf } from './files.js';
import type { CifarFormat } from './formats.js';

/** Far more than 256 names take. */
const MOST_BYTES = 65_536;
/** A label is a byte. */
const MOST_CLASSES = 256;

/**
 * The format with the class names that stand beside its files, one in each line, for data of one's own in the same form: other
 * names, or fewer of them. The official file says what is known already; so does none.
 *
 * @param format which data set
 * @param root folder that holds its folder, or its files
 * @returns the format, with these names
 * @throws DataError when the file cannot be read, or names no classes to tell apart
 */
export function namedIn(format: CifarFormat, root: string): CifarFormat {
  const { namesFile, spec } = format;
  const folder = namesFile === null ? null : folderOf(format, root, namesOf(root));
  if (folder === null || !exists(join(folder, namesFile!))) return format;
  const file = join(folder, namesFile!);
  const refuse = (what: string, remedy: string) => {
    throw new DataError('root', `${file} ${what}`, [remedy]);
  };
  const bytes = ownFile(file, 'root', MOST_BYTES, (size) => {
    return new DataError('root', `${file} has ${size} bytes; at most ${MOST_BYTES} are read`, [ONE_A_LINE]);
  });
  let text = '';
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    refuse('is not UTF-8 text', ONE_A_LINE);
  }
  const lines = text.split(/\r\n|\r|\n/).map((line) => line.trim());
  const names = lines.filter((line) => line !== '');
  if (names.length < 2) refuse(`names ${names.length === 0 ? 'no class' : 'one class'}`, ONE_A_LINE);
  if (names.length > MOST_CLASSES) {
    refuse(`names ${names.length} classes`, `a label is a byte, so that there are at most ${MOST_CLASSES}`);
  }
  const gap = lines.slice(0, lines.lastIndexOf(names.at(-1)!)).indexOf('');
  if (gap >= 0) refuse(`has no name in line ${gap + 1}, above others`, ONE_A_LINE);
  const twice = names.flatMap((name, i) => {
    const first = names.indexOf(name);
    return first < i ? [`${quoted(name)} in lines ${first + 1} and ${i + 1}`] : [];
  });
  if (twice.length > 0) refuse(`names a class twice: ${some(twice)}`, 'rename one of the two');
  if (spec.target.kind === 'class' && names.join('\n') === spec.target.names.join('\n')) return format;
  return { ...format, spec: { ...spec, target: { kind: 'class', names } }, labels: [names.length] };
}

const ONE_A_LINE = 'write the name of each class in a line of its own, in the order of the labels';

/** What cannot be listed is told of by what loads it. */
function namesOf(root: string): readonly string[] {
  try {
    return readdirSync(root);
  } catch {
    return [];
  }
}
