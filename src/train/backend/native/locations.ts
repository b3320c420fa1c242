import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { cacheFolder } from '../../../base/cache-folder.js';
import { PACKAGE_ROOT } from '../../../base/package.js';

/** The version of tfjs-node that package.json pins and whose binding is compiled. */
export const TFJS_NODE_VERSION = '4.22.0';

/** The version of TensorFlow that lossnet provisions and is tested with. */
export const TENSORFLOW_VERSION = '2.21.0';

const require = createRequire(import.meta.url);

/** What the build has taken from tfjs-node: its modules, each with all that it loads, and the source of its binding. */
export const TFJS = {
  node: taken('tfjs-node.cjs'),
  converter: taken('tfjs-converter.cjs'),
  bindingSource: taken('binding'),
  nodeApiHeaders: taken('node-api'),
} as const;

function taken(name: string): string {
  return join(PACKAGE_ROOT, 'dist/tfjs-node', name);
}

/**
 * Looks for the binding that tfjs-node's own script installs, where that package is there and was allowed to run it.
 *
 * @param find where its package.json lies; throws where it is not installed
 * @returns the folder of the package `@tensorflow/tfjs-node`, which is only ever read; null: it has none, or is of a version
 * whose binding may work otherwise
 */
export function officialFolder(
  find: () => string = () => require.resolve('@tensorflow/tfjs-node/package.json'),
): string | null {
  try {
    const manifest = find();
    const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version?: unknown };
    const folder = dirname(manifest);
    return version === TFJS_NODE_VERSION && arePresent([bindingIn(folder)]) ? folder : null;
  } catch {
    return null; // It is not installed, which it need not be.
  }
}

/** @returns the cache folder of the library that lossnet makes from TensorFlow's wheel */
export function wheelLibraryFolder(): string {
  return join(cacheFolder(), `tfjs-node-${TFJS_NODE_VERSION}-tf${TENSORFLOW_VERSION}-linux-x64`);
}

/**
 * @param folder tfjs-node's own folder or one that lossnet has made: both have the same layout
 * @returns where tfjs-node's binding lies in it
 */
export function bindingIn(folder: string): string {
  return join(folder, 'lib', 'napi-v8', 'tfjs_binding.node');
}

/**
 * @param binding path of `tfjs_binding.node`
 * @param addon name of an addon
 * @returns where a package that brings it has this addon
 */
export function addonBeside(binding: string, addon: string): string {
  return join(dirname(binding), `lossnet_${addon}.node`);
}

/** @returns where the build has put a C++ file of lossnet's own */
export function sourceOf(name: string): string {
  return join(PACKAGE_ROOT, 'dist/native', `${name}.cc`);
}

/** @returns where the wheel's libraries lie in a folder that lossnet has made */
export function librariesIn(folder: string): string {
  return join(folder, 'deps', 'lib');
}

/** @returns whether each file is there and not empty, as one may be after a power cut */
export function arePresent(files: readonly string[]): boolean {
  try {
    return files.every((file) => statSync(file).size > 0);
  } catch {
    return false; // What stands in the way, if not mere absence, shows when the file is made.
  }
}
