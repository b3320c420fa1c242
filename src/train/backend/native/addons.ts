import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { cacheFolder } from '../../../base/cache-folder.js';
import { readTextIfThere } from '../../../base/read.js';
import { ADDON_ARGUMENTS, compileAddon } from './compile.js';
import { addonBeside, bindingIn, headers, librariesIn, sourceOf } from './locations.js';
import { findNamedLibrary } from './named-library.js';
import { noteUse, sweepOldAddons } from './old-addons.js';
import { isMade, type NativeOrigin, nativeOrigin, provide, type Recipe, type Report } from './provision.js';
import { findCompiler } from './tools.js';
import { WHEEL_LIBRARIES } from './wheel.js';

/** The addons of lossnet's own: their C++ files, whether they call TensorFlow, and what they are for. */
const ADDONS = {
  process: {
    sources: ['process'],
    callsTensorFlow: false,
    purpose: 'what the process needs before TensorFlow is loaded',
  },
  engine: {
    sources: ['session', 'batch-norm', 'recurrent', 'winograd'],
    callsTensorFlow: true,
    purpose: "lossnet's own part of the engine",
  },
  collectives: { sources: ['collectives'], callsTensorFlow: true, purpose: 'what several processes need' },
} as const;

/** What a compiler is needed for. */
const NEED = "lossnet's own native code has to be compiled once";

export type Addon = keyof typeof ADDONS;

/**
 * Finds an addon of lossnet's own; the first time on a machine it is compiled, which takes a few seconds. TensorFlow must be
 * there: it is made for the library that is.
 *
 * @param addon which
 * @param report told each step of the compilation; not called when it is there
 * @returns path of the addon; one that calls TensorFlow is to be loaded after it
 * @throws LossnetError `LOSSNET_NATIVE_...` when it cannot be made
 */
export async function provideAddon(addon: Addon, report: Report): Promise<string> {
  const { file, recipe } = wayTo(addon, report);
  if (recipe === null) return file;
  const isNew = !isMade(recipe);
  await provide(recipe, report);
  noteUse(file);
  if (isNew) sweepOldAddons(recipe.target, basename(file));
  return file;
}

/**
 * @param addon which
 * @returns path of the addon; null: it would have to be made first
 * @throws LossnetError when TensorFlow's library cannot be looked for
 */
export function findAddon(addon: Addon): string | null {
  const { file, recipe } = wayTo(addon, () => {});
  return recipe === null || isMade(recipe) ? file : null;
}

/** Where an addon is, and how it is made; null where a package brings it. */
function wayTo(addon: Addon, report: Report): { readonly file: string; readonly recipe: Recipe | null } {
  const { from, folder } = nativeOrigin();
  if (from === 'package') return { file: addonBeside(bindingIn(folder), addon), recipe: null };
  const { sources, callsTensorFlow, purpose } = ADDONS[addon];
  const files = sources.map(sourceOf);
  const { include, libraries, key } = libraryOf(from, folder);
  const id = createHash('sha256').update(key).update(ADDON_ARGUMENTS.join());
  for (const file of [...files, ...headers()]) id.update('\n').update(readFileSync(file));
  const target = join(cacheFolder(), `${addon}-${id.digest('hex').slice(0, 16)}`);
  const addonIn = (tree: string) => join(tree, `lossnet_${addon}.node`);
  const recipe: Recipe = {
    target,
    files: [addonIn(target), sumOf(addonIn(target))],
    isWhole: () => isWhole(addonIn(target)),
    async make(children, scratch, tree) {
      const name = await findCompiler(children, NEED);
      report(`compiling ${purpose}, with ${name}, once`);
      const linked = callsTensorFlow ? libraries : [];
      await compileAddon({ children, name, folder: scratch }, include, linked, files, addonIn(tree));
      writeFileSync(sumOf(addonIn(tree)), sha256(addonIn(tree)));
    },
  };
  return { file: addonIn(target), recipe };
}

/** Beside an addon: what it was when it was made. One that a power cut has left half of would end the process without a word. */
const sumOf = (addon: string) => `${addon}.sha256`;

const sha256 = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');

const isWhole = (addon: string) => readTextIfThere(sumOf(addon)) === sha256(addon);

/** The library that is loaded: its headers, and what tells it apart from others. */
function libraryOf(
  from: Exclude<NativeOrigin['from'], 'package'>,
  folder: string,
): { include: string; libraries: readonly string[]; key: string } {
  if (from === 'LOSSNET_LIBTENSORFLOW') return findNamedLibrary(process.env.LOSSNET_LIBTENSORFLOW!);
  if (from === 'tfjs-node') return findNamedLibrary(join(folder, 'deps'));
  const libraries = WHEEL_LIBRARIES.map((name) => join(librariesIn(folder), name));
  // By its name, which has the versions, and not by its path: a cache may be brought to where there is no compiler.
  return { include: join(folder, 'deps', 'include'), libraries, key: basename(folder) };
}
