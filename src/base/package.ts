import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The folder of the package; two above this file, and above the program that the build makes of all of them. */
export const PACKAGE_ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** lossnet's version, from package.json. */
export const VERSION = (
  JSON.parse(readFileSync(`${PACKAGE_ROOT}package.json`, 'utf8')) as { version: string }
).version;
