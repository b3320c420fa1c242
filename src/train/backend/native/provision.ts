import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../../../base/cache-folder.js';
import { makeFolder, removeEmpty, removeQuietly } from '../../../base/files.js';
import type { Held } from '../../../base/holder.js';
import { withLock } from '../../../base/lock.js';
import { readTextIfThere } from '../../../base/read.js';
import { createScratch, sweepScratches } from '../../../base/scratch.js';
import { systemCode } from '../../../base/system-errors.js';
import { Children } from './children.js';
import { findCompanion } from './companion.js';
import { checkBinding, compileBinding } from './compile.js';
import { cacheUnwritable } from './failures.js';
import { stoppedBySignals } from './interrupts.js';
import {
  arePresent,
  bindingIn,
  librariesIn,
  officialFolder,
  TENSORFLOW_VERSION,
  TFJS_NODE_VERSION,
  wheelLibraryFolder,
} from './locations.js';
import { findNamedLibrary, type NamedLibrary } from './named-library.js';
import { checkPlatform, checkProcessor, findCompiler } from './tools.js';
import {
  checkRoom,
  downloadWheel,
  refuseOffline,
  unpackHeaders,
  unpackLibraries,
  unpackNotices,
  WHEEL,
  WHEEL_LIBRARIES,
} from './wheel.js';

/** Told each step that takes a while, in a few words. */
export type Report = (message: string) => void;

/** A folder that can be made: what it has to contain, and how that gets there. */
export interface Recipe {
  target: string;
  files: string[];
  /** whether these, which are there, are what they were when they were made; default: they are */
  isWhole?(): boolean;
  /** makes the content in `tree`, using the temporary folder `scratch` */
  make(children: Children, scratch: string, tree: string): Promise<void>;
}

/**
 * Finds tfjs-node's native library or, once per user, makes it: the libtensorflow that `LOSSNET_LIBTENSORFLOW` names;
 * else the companion package, where it is installed; else tfjs-node's own official binding, if somebody has put it there; else the one in lossnet's cache, made from
 * TensorFlow's Python package when it is not there yet. Several processes may ask at once: one makes it.
 *
 * @param report told the steps; not called when the library is there
 * @returns path of `tfjs_binding.node`
 * @throws LossnetError with a code `LOSSNET_NATIVE_...`; nothing is left behind
 */
export async function provideNativeLibrary(report: Report): Promise<string> {
  const named = process.env.LOSSNET_LIBTENSORFLOW;
  if (named) return provide(namedLibraryRecipe(findNamedLibrary(named), report), report);
  checkProcessor(process.arch, readTextIfThere('/proc/cpuinfo'));
  const companion = findCompanion();
  if (companion !== null) return bindingIn(companion);
  const official = officialFolder();
  if (official !== null) return bindingIn(official);
  return provide(wheelRecipe(report), report);
}

/** Where tfjs-node's native library comes from, and whether it is there already. */
export interface NativeOrigin {
  /** What decides it: the variable, the companion package, what tfjs-node's own script installed, or what lossnet makes. */
  readonly from: 'LOSSNET_LIBTENSORFLOW' | 'package' | 'tfjs-node' | 'cache';
  /** The folder of TensorFlow that is named, or the one that holds the binding. */
  readonly folder: string;
  readonly isThere: boolean;
}

/**
 * Finds out which library `provideNativeLibrary` would take, and makes nothing.
 *
 * @throws LossnetError when `LOSSNET_LIBTENSORFLOW` names a folder without one, or the companion package cannot be used
 */
export function nativeOrigin(): NativeOrigin {
  const named = process.env.LOSSNET_LIBTENSORFLOW;
  if (named) {
    const library = findNamedLibrary(named);
    const isThere = arePresent(namedLibraryRecipe(library, () => {}).files);
    return { from: 'LOSSNET_LIBTENSORFLOW', folder: library.folder, isThere };
  }
  const companion = findCompanion();
  if (companion !== null) return { from: 'package', folder: companion, isThere: true };
  const official = officialFolder();
  if (official !== null) return { from: 'tfjs-node', folder: official, isThere: true };
  const { target, files } = wheelRecipe(() => {});
  return { from: 'cache', folder: target, isThere: arePresent(files) };
}

/**
 * @returns path of the binding that `provideNativeLibrary` would take, where that is there and lossnet has compiled it; else null
 * @throws LossnetError as `nativeOrigin`, and for a processor that TensorFlow does not run on
 */
export function findOwnBinding(): string | null {
  checkProcessor(process.arch, readTextIfThere('/proc/cpuinfo'));
  const { from, folder, isThere } = nativeOrigin();
  return isThere && (from === 'cache' || from === 'package') ? bindingIn(folder) : null;
}

/** Makes a folder unless it is there. @returns the path of the binding in it, where it has one */
export async function provide(recipe: Recipe, report: Report): Promise<string> {
  sweepScratches(recipe.target);
  if (!isMade(recipe)) await makeOnce(recipe, report);
  return bindingIn(recipe.target);
}

/** Whether it is there, and whole. */
export const isMade = ({ files, isWhole }: Recipe): boolean => arePresent(files) && (isWhole?.() ?? true);

/** Makes what another process does not make at the same time. */
async function makeOnce(recipe: Recipe, report: Report): Promise<void> {
  const { target } = recipe;
  const stop = new AbortController();
  let scratch: string | undefined;
  const work = async () => {
    if (isMade(recipe)) return;
    scratch = createScratch(target);
    const children = new Children(scratch);
    stop.signal.addEventListener('abort', () => children.kill());
    try {
      const tree = join(scratch, 'tree');
      await recipe.make(children, scratch, tree);
      publish(tree, target, join(scratch, 'damaged'));
    } finally {
      await children.stop();
      removeQuietly(scratch);
    }
  };
  let isAnnounced = false;
  const onWait = ({ holder }: Held): void => {
    const other = holder === null ? 'another process' : `process ${holder.pid}`;
    if (!isAnnounced) report(`waiting for ${other}, which is preparing TensorFlow`);
    isAnnounced = true;
  };
  let made: string[] = [];
  try {
    made = makeFolder(cacheFolder());
    await stoppedBySignals(
      () => withLock(`${target}.lock`, work, { onWait, signal: stop.signal }),
      () => stop.abort(),
      () => scratch !== undefined && removeQuietly(scratch),
    );
  } catch (error) {
    for (const folder of made.reverse()) removeEmpty(folder);
    throw cacheUnwritable(error);
  }
}

function publish(tree: string, target: string, aside: string): void {
  try {
    renameSync(tree, target);
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(systemCode(error) ?? '')) throw error;
    // What lies there is incomplete, or it would have been used.
    renameSync(target, aside);
    renameSync(tree, target);
  }
}

function wheelRecipe(report: Report): Recipe {
  const target = wheelLibraryFolder();
  const libraries = (folder: string) => WHEEL_LIBRARIES.map((name) => join(librariesIn(folder), name));
  return {
    target,
    files: [bindingIn(target), ...libraries(target)],
    async make(children, scratch, tree) {
      checkPlatform();
      refuseOffline();
      const name = await findCompiler(children, "TensorFlow's native library has to be made once", true);
      checkRoom(scratch);
      report(`downloading TensorFlow ${TENSORFLOW_VERSION} (${WHEEL.megabytes} MB), once`);
      const wheel = await downloadWheel(children, scratch);
      report(`unpacking it and compiling tfjs-node's binding with ${name}`);
      const compiler = { children, name, folder: scratch };
      const include = join(tree, 'deps', 'include');
      await unpackHeaders(children, wheel, include);
      await unpackNotices(children, wheel, tree);
      await Promise.all([
        compileBinding(compiler, include, libraries(tree), '$ORIGIN/../../deps/lib', bindingIn(tree)),
        unpackLibraries(children, wheel, librariesIn(tree)),
      ]);
      const version = await checkBinding(children, bindingIn(tree));
      if (version !== TENSORFLOW_VERSION) throw new Error(`TensorFlow ${version} came out of the wheel.`);
      report(`TensorFlow ${version} is ready in ${target}`);
    },
  };
}

function namedLibraryRecipe(named: NamedLibrary, report: Report): Recipe {
  const target = join(cacheFolder(), `tfjs-node-${TFJS_NODE_VERSION}-named-${named.key}`);
  return {
    target,
    files: [bindingIn(target)],
    async make(children, scratch, tree) {
      const name = await findCompiler(
        children,
        `tfjs-node's binding has to be compiled once for ${named.folder}`,
      );
      report(`compiling tfjs-node's binding for ${named.folder} with ${name}`);
      const compiler = { children, name, folder: scratch };
      await compileBinding(compiler, named.include, named.libraries, named.folder, bindingIn(tree));
      report(`TensorFlow ${await checkBinding(children, bindingIn(tree))} is ready`);
    },
  };
}
