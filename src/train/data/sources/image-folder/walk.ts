import { readdirSync, type Stats, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { systemCode, systemReason, systemRemedy } from '../../../../base/system-errors.js';
import { DataError } from '../../data-error.js';

/** The endings of names that make a file a picture, in any case. */
export const EXTENSIONS = ['.png', '.jpg', '.jpeg', '.webp', '.gif', '.tif', '.tiff'] as const;

/** What belongs to programs, and not to a data set: it begins with a point, or an unpacker or a NAS made it. */
const HIDDEN = /^\.|^__MACOSX$|^@eaDir$/;

/** Whether a name is that of a picture. */
export function isPicture(name: string): boolean {
  return (EXTENSIONS as readonly string[]).includes(extname(name).toLowerCase());
}

/** What was found on a walk, besides what it was looking for. */
export interface Found {
  hidden: number;
  /** Links to folders that they lie in. */
  circles: number;
  /** How many files are no pictures, by the endings of their names. */
  readonly others: Map<string, number>;
  /** The folders that were seen, and what changes when they do. */
  readonly states: Map<string, string>;
}

export const nothingFound = (): Found => ({ hidden: 0, circles: 0, others: new Map(), states: new Map() });

/** What a folder holds, by name. */
export interface Listing {
  readonly folders: readonly string[];
  /** Those whose names say so. What is no file at all, such as a pipe, is among them, so that it is told of. */
  readonly pictures: readonly string[];
}

/**
 * Lists a folder, links followed, in the order of their characters.
 *
 * @param folder its path
 * @param found counts what is left out
 * @returns its folders and pictures
 * @throws DataError when it cannot be read
 */
export function list(folder: string, found: Found): Listing {
  const folders: string[] = [];
  const pictures: string[] = [];
  const state = statOf(folder, () => statSync(folder));
  // A folder may be looked at twice: what is in it counts once.
  const counted = found.states.has(folder) ? nothingFound() : found;
  found.states.set(folder, stateOf(state));
  for (const entry of statOf(folder, () => readdirSync(folder, { withFileTypes: true }))) {
    const { name } = entry;
    if (HIDDEN.test(name)) counted.hidden += 1;
    else if (entry.isDirectory() || (entry.isSymbolicLink() && isFolder(join(folder, name)))) {
      folders.push(name);
    } else if (isPicture(name)) pictures.push(name);
    else {
      const ending = extname(name).toLowerCase();
      counted.others.set(ending, (counted.others.get(ending) ?? 0) + 1);
    }
  }
  return { folders: folders.sort(), pictures: pictures.sort() };
}

/**
 * All pictures of a folder and of those within it.
 *
 * @param folder its path
 * @param found counts what is left out
 * @param above the folders that it lies in, by `idOf`: links that lead to them are not followed. Default: the next two
 * @returns their paths
 * @throws DataError when a folder cannot be read
 */
export function walk(folder: string, found: Found, above: ReadonlySet<string> = parentsOf(folder)): string[] {
  const own = idOf(folder);
  if (above.has(own)) {
    found.circles += 1;
    return [];
  }
  const { folders, pictures } = list(folder, found);
  const within = new Set(above).add(own);
  return [
    ...pictures.map((name) => join(folder, name)),
    ...folders.flatMap((name) => walk(join(folder, name), found, within)),
  ];
}

/** A folder, whatever it is called. */
function idOf(folder: string): string {
  const { dev, ino } = statOf(folder, () => statSync(folder));
  return `${dev} ${ino}`;
}

/** That of the classes, and that of the parts. */
const parentsOf = (folder: string) => new Set([join(folder, '..'), join(folder, '..', '..')].map(idOf));

/** What changes when a file or a folder does, or its list of names. */
export function stateOf({ dev, ino, size, mtimeMs, ctimeMs }: Stats): string {
  return [dev, ino, size, mtimeMs, ctimeMs].join(' ');
}

/** What was left out, in words; empty: nothing. */
export function describeFound({ hidden, circles, others }: Found): string {
  const count = [...others.values()].reduce((sum, each) => sum + each, 0);
  const endings = [...others].sort((a, b) => b[1] - a[1]).map(([ending]) => ending || 'no ending');
  const shown = endings.length > 4 ? [...endings.slice(0, 4), '…'] : endings;
  return [
    ...(hidden > 0 ? [`${hidden} hidden`] : []),
    ...(count > 0
      ? [`${count} no ${count === 1 ? 'picture' : 'pictures'} by name (${shown.join(', ')})`]
      : []),
    ...(circles > 0 ? [`${circles} ${circles === 1 ? 'link' : 'links'} in a circle`] : []),
  ].join(', ');
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false; // What it is instead is told when it is read.
  }
}

function statOf<T>(folder: string, look: () => T): T {
  try {
    return look();
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    throw new DataError('root', `${folder} cannot be read: ${systemReason(error)}`, [
      systemRemedy(error, 'reading').replace(/^M/, 'm').replace(/\.$/, ''),
    ]);
  }
}
