import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the package: this file is run from several places in it, and as a part of the program that is made of all. */
export const PACKAGE_ROOT = rootOf(dirname(fileURLToPath(import.meta.url)));

/** lossnet's version, from package.json. */
export const VERSION = (
  JSON.parse(readFileSync(join(PACKAGE_ROOT, 'package.json'), 'utf8')) as { version: string }
).version;

/** What the build puts in: a digest of the source and the packages. */
declare const LOSSNET_BUILD: string | undefined;

/** What tells the source of this program from others, which may have the same version; null where it runs from its source. */
export const BUILD = typeof LOSSNET_BUILD === 'string' ? LOSSNET_BUILD : null;

function rootOf(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : rootOf(dirname(folder));
}
