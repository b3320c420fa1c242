import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../../../base/cache-folder.js';
import { compileAddon } from './compile.js';
import { addonBeside, bindingIn, librariesIn, sourceOf } from './locations.js';
import { findNamedLibrary } from './named-library.js';
import { type NativeOrigin, nativeOrigin, provide, type Report } from './provision.js';
import { findCompiler } from './tools.js';
import { WHEEL_LIBRARIES } from './wheel.js';

/** The addons of lossnet's own: their C++ files, whether they call TensorFlow, and what they are for. */
const ADDONS = {
  process: {
    sources: ['process'],
    callsTensorFlow: false,
    purpose: 'what the process needs before TensorFlow is loaded',
  },
  engine: { sources: ['session'], callsTensorFlow: true, purpose: "lossnet's own part of the engine" },
  collectives: { sources: ['collectives'], callsTensorFlow: true, purpose: 'what several processes need' },
} as const;

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
  const { from, folder } = nativeOrigin();
  if (from === 'package') return addonBeside(bindingIn(folder), addon);
  const { sources, callsTensorFlow, purpose } = ADDONS[addon];
  const files = sources.map(sourceOf);
  const { include, libraries, key } = libraryOf(from, folder);
  const id = createHash('sha256').update(key);
  for (const file of files) id.update('\n').update(readFileSync(file));
  const target = join(cacheFolder(), `${addon}-${id.digest('hex').slice(0, 16)}`);
  const addonIn = (tree: string) => join(tree, `lossnet_${addon}.node`);
  await provide(
    {
      target,
      files: [addonIn(target)],
      async make(children, scratch, tree) {
        const name = await findCompiler(children, false);
        report(`compiling ${purpose}, with ${name}, once`);
        const linked = callsTensorFlow ? libraries : [];
        await compileAddon({ children, name, folder: scratch }, include, linked, files, addonIn(tree));
      },
    },
    report,
  );
  return addonIn(target);
}

/** The library that is loaded: its headers, and what tells it apart from others. */
function libraryOf(
  from: Exclude<NativeOrigin['from'], 'package'>,
  folder: string,
): { include: string; libraries: readonly string[]; key: string } {
  if (from === 'LOSSNET_LIBTENSORFLOW') return findNamedLibrary(process.env.LOSSNET_LIBTENSORFLOW!);
  if (from === 'tfjs-node') return findNamedLibrary(join(folder, 'deps'));
  const libraries = WHEEL_LIBRARIES.map((name) => join(librariesIn(folder), name));
  return { include: join(folder, 'deps', 'include'), libraries, key: folder };
}
