import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Children } from './children.js';
import { checkBinding, compileBinding } from './compile.js';
import { cacheUnwritable, diskFull, saysDiskFull } from './failures.js';
import { stoppedBySignals } from './interrupts.js';
import {
  arePresent,
  bindingIn,
  cacheFolder,
  librariesIn,
  quietAddonBeside,
  TENSORFLOW_VERSION,
  TFJS_NODE_VERSION,
  tfjsNodeFolder,
  wheelLibraryFolder,
} from './locations.js';
import { findNamedLibrary, type NamedLibrary } from './named-library.js';
import { createScratch, removeScratch, sweepScratches } from './scratch.js';
import { checkPlatform, findCompiler } from './tools.js';
import { checkRoom, downloadWheel, unpackHeaders, unpackLibraries, WHEEL, WHEEL_LIBRARIES } from './wheel.js';

/** Told each step that takes a while, in a few words. */
export type Report = (message: string) => void;

/** A folder that can be made: what it has to contain, and how that gets there. */
interface Recipe {
  target: string;
  files: string[];
  /** makes the content in `tree`, using the temporary folder `scratch` */
  make(children: Children, scratch: string, tree: string): Promise<void>;
}

const POLL_MS = 200;

/**
 * Finds tfjs-node's native library or, once per user, makes it: the libtensorflow that `LOSSNET_LIBTENSORFLOW` names;
 * else tfjs-node's own official binding, if somebody has put it there; else the one in lossnet's cache, made from
 * TensorFlow's Python package when it is not there yet. Several processes may ask at once: one makes it.
 *
 * @param report told the steps; not called when the library is there
 * @returns path of `tfjs_binding.node`
 * @throws LossnetError with a code `LOSSNET_NATIVE_...`; nothing is left behind
 */
export async function provideNativeLibrary(report: Report): Promise<string> {
  const named = process.env.LOSSNET_LIBTENSORFLOW;
  if (named) return provide(namedLibraryRecipe(findNamedLibrary(named), report), report);
  const official = bindingIn(tfjsNodeFolder());
  if (arePresent([official])) return official;
  return provide(wheelRecipe(report), report);
}

async function provide(recipe: Recipe, report: Report): Promise<string> {
  const binding = bindingIn(recipe.target);
  for (let announced = false; ; announced = true) {
    const [other] = sweepScratches(recipe.target);
    if (arePresent(recipe.files)) return binding;
    if (other === undefined) break;
    if (!announced) report(`waiting for process ${other.pid}, which is preparing TensorFlow`);
    await delay(POLL_MS);
  }
  const scratch = createScratch(recipe.target);
  const children = new Children(scratch);
  const work = async () => {
    try {
      // Two that started at the same moment have both seen nobody: the later one steps back.
      const isFirst = sweepScratches(recipe.target)[0]?.folder === scratch;
      if (isFirst && !arePresent(recipe.files)) await make(recipe, children, scratch);
      return isFirst;
    } finally {
      await children.stop();
      removeScratch(scratch);
    }
  };
  const done = await stoppedBySignals(
    work,
    () => children.kill(),
    () => removeScratch(scratch),
  );
  return done ? binding : provide(recipe, report);
}

async function make(recipe: Recipe, children: Children, scratch: string): Promise<void> {
  const tree = join(scratch, 'tree');
  try {
    await recipe.make(children, scratch, tree);
    publish(tree, recipe.target, join(scratch, 'damaged'));
  } catch (error) {
    // lossnet's own files are small, but any of them may be the one that finds no room.
    const { code = '' } = error as NodeJS.ErrnoException;
    if (saysDiskFull(code)) throw diskFull({ cause: error });
    if (['EACCES', 'EPERM', 'EROFS'].includes(code)) throw cacheUnwritable(error);
    throw error;
  }
}

function publish(tree: string, target: string, aside: string): void {
  try {
    renameSync(tree, target);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(code)) throw error;
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
    files: [bindingIn(target), quietAddonBeside(bindingIn(target)), ...libraries(target)],
    async make(children, scratch, tree) {
      checkPlatform();
      const name = await findCompiler(children, true);
      checkRoom(scratch);
      report(`downloading TensorFlow ${TENSORFLOW_VERSION} (${WHEEL.megabytes} MB), once`);
      const wheel = await downloadWheel(children, scratch);
      report(`unpacking it and compiling tfjs-node's binding with ${name}`);
      const compiler = { children, name, folder: scratch };
      const include = join(tree, 'deps', 'include');
      await unpackHeaders(children, wheel, include);
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
    files: [bindingIn(target), quietAddonBeside(bindingIn(target))],
    async make(children, scratch, tree) {
      const name = await findCompiler(children, false);
      report(`compiling tfjs-node's binding for ${named.folder} with ${name}`);
      const compiler = { children, name, folder: scratch };
      await compileBinding(compiler, named.include, named.libraries, named.folder, bindingIn(tree));
      report(`TensorFlow ${await checkBinding(children, bindingIn(tree))} is ready`);
    },
  };
}
