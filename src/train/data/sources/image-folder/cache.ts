import { createHash } from 'node:crypto';
import { readdirSync, realpathSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { cacheFolder } from '../../../../base/cache-folder.js';
import { removeQuietly } from '../../../../base/files.js';
import { standingOfTag, tagOf, thisProcess } from '../../../../base/process.js';
import { coloursOf, type PictureOptions, sizeOf } from './options.js';

/** Goes up whenever the same options give other bytes. */
const VERSION = 2;
const USED = '.used-';
/** What uses a pack where it cannot be seen from here is taken to be gone after so long. */
const FOREIGN_MILLISECONDS = 7 * 24 * 60 * 60 * 1000;

/** The folder of all decoded pictures. */
export const picturesFolder = () => join(cacheFolder(), 'pictures');

/** The file that remembers what the files of a data set hold. */
export function indexFile(root: string): string {
  return join(picturesFolder(), `${digest(realPath(root)).slice(0, 32)}.contents`);
}

/** Where the pictures of a data set are kept: whose files, in whatever order, and what became of them. */
export function packFile(options: PictureOptions, hashes: readonly string[]): string {
  return join(picturesFolder(), `${prefixOf(options)}${digest(hashes.join('\n')).slice(0, 32)}.pack`);
}

function prefixOf(options: PictureOptions): string {
  const { height, width } = sizeOf(options);
  const { resize, channels, background, decode } = options;
  const all = [VERSION, height, width, resize, channels, coloursOf(background), decode];
  return `${digest(JSON.stringify(all)).slice(0, 16)}-`;
}

/** Packs with pictures made in the same way, those used last first. */
export function packsLike(options: PictureOptions): string[] {
  const prefix = prefixOf(options);
  return filesIn(picturesFolder())
    .filter(({ name }) => name.startsWith(prefix) && name.endsWith('.pack'))
    .sort((a, b) => b.used - a.used)
    .map(({ path }) => path);
}

/** Notes that a pack is used, so that others go first. */
export function touch(file: string): void {
  try {
    const now = new Date();
    utimesSync(file, now, now);
  } catch {
    // In a cache that may only be read, nothing is removed either.
  }
}

/** Those of this process. */
const marks = new Set<string>();

/** Keeps a pack from being removed while this process reads from it. */
export function markUsed(file: string): void {
  const mark = `${file}${USED}${tagOf(thisProcess())}`;
  try {
    writeFileSync(mark, '');
  } catch {
    return; // Likewise.
  }
  if (marks.size === 0) {
    process.once('exit', () => {
      for (const own of marks) removeQuietly(own);
    });
  }
  marks.add(mark);
}

/**
 * Removes what was used longest ago, until there is room.
 *
 * @param bytes that are to be added
 * @param most that all may take
 * @param keep the pack that is to be replaced
 */
export function makeRoom(bytes: number, most: number, keep: string): void {
  const files = filesIn(picturesFolder());
  const others = files.filter(({ name }) => name.includes(USED));
  for (const { path, name, used } of others) {
    if (!isInUse(name, used)) removeQuietly(path);
  }
  const isUsed = (pack: string) =>
    others.some(({ path, name, used }) => path.startsWith(`${pack}${USED}`) && isInUse(name, used));
  const kept = files.filter(({ name }) => /\.(pack|contents)$/.test(name));
  let total = kept.reduce((sum, { size }) => sum + size, 0);
  for (const { path, size } of kept.sort((a, b) => a.used - b.used)) {
    if (total + bytes <= most) return;
    if (path === keep || isUsed(path)) continue;
    removeQuietly(path);
    total -= size;
  }
}

function isInUse(name: string, since: number): boolean {
  const standing = standingOfTag(name.slice(name.indexOf(USED) + USED.length));
  return standing === 'alive' || (standing === 'unseen' && Date.now() - since < FOREIGN_MILLISECONDS);
}

interface CacheFile {
  readonly name: string;
  readonly path: string;
  readonly size: number;
  /** When it was used last. */
  readonly used: number;
}

/** What others remove meanwhile is left out. */
function filesIn(folder: string): CacheFile[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  return names.flatMap((name) => {
    const path = join(folder, name);
    try {
      const { size, mtimeMs } = statSync(path);
      return [{ name, path, size, used: mtimeMs }];
    } catch {
      return [];
    }
  });
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}

const digest = (text: string) => createHash('sha256').update(text).digest('hex');
