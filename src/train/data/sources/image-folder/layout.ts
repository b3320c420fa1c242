import { join } from 'node:path';
import { plural } from '../../../../base/format.js';
import { kindOf } from '../../../../base/read.js';
import { DataError, quoted, some } from '../../data-error.js';
import { inOrder } from '../../in-order.js';
import { EXTENSIONS, type Found, type Listing, list, walk } from './walk.js';

/** A picture, not read yet. */
export interface Picture {
  readonly path: string;
  /** The number of its class. */
  readonly label: number;
}

/** Which pictures there are. */
export interface Layout {
  /** Names, in the order of their numbers. */
  readonly classes: readonly string[];
  readonly train: readonly Picture[];
  /** What folders of their own hold; null: there is none. */
  readonly val: readonly Picture[] | null;
  readonly test: readonly Picture[] | null;
}

const VAL_NAMES = ['val', 'valid', 'validation'];
const PART_NAMES = ['train', ...VAL_NAMES, 'test'];

/**
 * Finds out what folders mean: classes, or else parts that hold class folders.
 *
 * @param root the outermost folder
 * @param found counts what is left out
 * @returns the pictures
 * @throws DataError when there is nothing to tell apart
 */
export function layoutOf(root: string, found: Found): Layout {
  checkRoot(root);
  const listing = list(root, found);
  if (!hasParts(root, listing, found)) {
    const { classes, pictures } = classesIn(root, found);
    return { classes, train: pictures, val: null, test: null };
  }
  const { folders } = listing;
  const vals = folders.filter((name) => VAL_NAMES.includes(name));
  if (vals.length > 1) {
    throw new DataError('root', `${root} has ${vals.join(' and ')}: one part in two folders`, [
      'put their pictures into one of them',
    ]);
  }
  const { classes, pictures: train } = classesIn(join(root, 'train'), found);
  const part = (name: string | undefined) =>
    name === undefined ? null : picturesOf(join(root, name), classes, join(root, 'train'), found);
  const test = folders.find((name) => name === 'test');
  return { classes, train, val: part(vals[0]), test: part(test) };
}

function checkRoot(root: string): void {
  const kind = kindOf(root);
  if (kind === 'folder') return;
  if (kind !== null) {
    throw new DataError('root', `${root} is a file`, ['name the folder that holds the class folders']);
  }
  throw new DataError('root', `there is no folder ${root}`, ['relative paths count from the working folder']);
}

/** Whether `train` and the like are parts; `train` may be a class too, of vehicles, and then holds pictures itself. */
function hasParts(root: string, { folders }: Listing, found: Found): boolean {
  const parts = folders.filter((name) => PART_NAMES.includes(name));
  const others = folders.filter((name) => !PART_NAMES.includes(name));
  if (!parts.includes('train')) {
    if (parts.length === 0 || others.length > 0) return false;
    throw new DataError('root', `${root} has ${parts.join(' and ')}, and no train`, [
      'name the part to train on train',
    ]);
  }
  const { folders: within, pictures } = list(join(root, 'train'), found);
  if (others.length === 0) return within.length > 0 || parts.length > 1;
  if (within.length === 0 || pictures.length > 0) return false;
  throw new DataError(
    'root',
    `${root} has the folder train, with folders in it, beside ${some(others.map(quoted))}: a part, or a class?`,
    [
      'if it is a part: leave train, val and test alone in the root',
      'if it is a class: rename it, or put its pictures into it without folders',
    ],
  );
}

/** The classes of a folder, all with pictures. */
function classesIn(folder: string, found: Found): { classes: string[]; pictures: Picture[] } {
  const { folders, pictures: loose } = list(folder, found);
  if (folders.length === 0) throw noFolders(folder, loose.length);
  const classes = inOrder(folders);
  const pictures = classes.map((name) => walk(join(folder, name), found));
  const empty = classes.filter((_, label) => pictures[label]!.length === 0).map(quoted);
  if (empty.length > 0) {
    const which = empty.length === 1 ? 'the class folder' : 'the class folders';
    throw new DataError('root', `${folder}: there is no picture in ${which} ${some(empty)}`, [
      `put pictures into ${empty.length === 1 ? 'it, or remove it' : 'them, or remove them'}; these count: ${EXTENSIONS.join(' ')}`,
    ]);
  }
  if (classes.length === 1) throw oneClass(folder, classes[0]!, found);
  if (loose.length > 0) {
    throw new DataError(
      'root',
      `${folder} has ${plural(loose.length, 'picture')} beside its class folders: ${some(loose.map(quoted))}`,
      ['put each into the folder of its class, or elsewhere'],
    );
  }
  return { classes, pictures: pictures.flatMap((paths, label) => paths.map((path) => ({ path, label }))) };
}

/** The pictures of another part: its classes are among those that are trained on. */
function picturesOf(
  folder: string,
  classes: readonly string[],
  trained: string,
  found: Found,
): readonly Picture[] {
  const { folders } = list(folder, found);
  const unknown = folders.filter((name) => !classes.includes(name));
  if (unknown.length > 0) {
    throw new DataError(
      'root',
      `${folder} has ${unknown.length === 1 ? 'a class' : 'classes'} that ${trained} lacks: ${some(unknown.map(quoted))}`,
      ['name the class folders of all parts alike'],
      { received: unknown[0]!, known: classes, what: 'classes' },
    );
  }
  const pictures = inOrder(folders).flatMap((name) =>
    walk(join(folder, name), found).map((path) => ({ path, label: classes.indexOf(name) })),
  );
  if (pictures.length > 0) return pictures;
  throw new DataError('root', `${folder}: there is no picture in class folders`, [
    'put some into them, or remove the folder',
  ]);
}

function noFolders(folder: string, pictures: number): DataError {
  const holds =
    pictures === 0 ? 'holds no class folders' : `holds ${plural(pictures, 'picture')} and no class folders`;
  return new DataError('root', `${folder} ${holds}`, [
    `put the pictures of each class into a folder of its own: ${join(folder, '<class>', 'picture.png')}`,
    'or name a table with the columns path and label in labels',
  ]);
}

function oneClass(folder: string, name: string, found: Found): DataError {
  const inner = join(folder, name);
  const within = list(inner, found).folders;
  return new DataError(
    'root',
    `${folder} has one class folder, ${quoted(name)}: there is nothing to tell apart`,
    [
      'add a folder for each further class',
      ...(within.length > 1
        ? [`or, if ${some(within.map(quoted), within.length, 3)} are the classes: root: ${inner}`]
        : []),
    ],
  );
}
