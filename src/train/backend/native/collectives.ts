import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { cacheFolder } from '../../../base/cache-folder.js';
import { LossnetError } from '../../../base/errors.js';
import { COLLECTIVES_SOURCE } from './collectives-source.js';
import { compileCollectives } from './compile.js';
import { bindingIn, collectivesBeside, librariesIn } from './locations.js';
import { findNamedLibrary } from './named-library.js';
import { type NativeOrigin, nativeOrigin, provide, type Report } from './provision.js';
import { findCompiler } from './tools.js';
import { WHEEL_LIBRARIES } from './wheel.js';

/** What the addon offers: see `COLLECTIVES_SOURCE`. Its errors have TensorFlow's code as `code`. */
export interface Collectives {
  /** Lets only these addresses connect to what TensorFlow opens from now on. Returns whether it can. */
  guard(addresses: readonly string[]): boolean;
  /** Starts TensorFlow's server. @param server, config protocol buffers: ServerDef and ConfigProto */
  join(server: Uint8Array, config: Uint8Array): Promise<void>;
  /** Adds up over all ranks, in place; or gathers. */
  collect(
    reduces: boolean,
    values: Float32Array,
    result: Float32Array,
    size: number,
    group: number,
    instance: number,
    timeoutSeconds: number,
  ): Promise<void>;
  /** Lets nobody in any more. Returns the number of sockets that this holds for. */
  shut(): number;
}

const require = createRequire(import.meta.url);

/**
 * Loads the addon for collective operations. TensorFlow must be loaded: the addon works with the library that is.
 *
 * @param report told each step where it has to be compiled first
 * @returns the addon
 * @throws LossnetError as `provideCollectives`
 */
export async function loadCollectives(report: Report): Promise<Collectives> {
  return require(await provideCollectives(report)) as Collectives;
}

/**
 * Finds the addon for collective operations; the first time on a machine it is compiled, which takes a few seconds.
 *
 * @param report told each step of the compilation; not called when it is there
 * @returns path of the addon
 * @throws LossnetError `LOSSNET_PARALLEL_PLATFORM` where there is none, `LOSSNET_NATIVE_...` when it cannot be made
 */
export async function provideCollectives(report: Report): Promise<string> {
  if (process.platform !== 'linux') {
    throw new LossnetError(
      'LOSSNET_PARALLEL_PLATFORM',
      `Several processes train one model on Linux; this is ${process.platform}.`,
      'Train with one process: parallel=null',
    );
  }
  const { from, folder } = nativeOrigin();
  if (from === 'package') return collectivesBeside(bindingIn(folder));
  const { include, libraries, key } = libraryOf(from, folder);
  const id = createHash('sha256').update(`${key}\n${COLLECTIVES_SOURCE}`).digest('hex').slice(0, 16);
  const target = join(cacheFolder(), `collectives-${id}`);
  const addonIn = (folder: string) => join(folder, 'lossnet_collectives.node');
  await provide(
    {
      target,
      files: [addonIn(target)],
      async make(children, folder, tree) {
        const name = await findCompiler(children, false);
        report(`compiling what several processes need, with ${name}, once`);
        const compiler = { children, name, folder };
        await compileCollectives(compiler, include, libraries, COLLECTIVES_SOURCE, addonIn(tree));
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
