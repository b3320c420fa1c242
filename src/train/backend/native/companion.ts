import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { LossnetError } from '../../../base/errors.js';
import { VERSION } from '../../../base/package.js';
import { addonBeside, arePresent, bindingIn, librariesIn } from './locations.js';
import { WHEEL_LIBRARIES } from './wheel.js';

const require = createRequire(import.meta.url);

/** The package that brings the native library ready for a platform, such as `@lossnet/native-linux-x64`. */
export const COMPANION = `@lossnet/native-${process.platform}-${process.arch}`;

/**
 * Looks for the companion package, which whoever wants neither Python nor a compiler installs beside lossnet. It has the layout
 * of a folder that lossnet makes itself.
 *
 * @param find where its package.json lies; throws where it is not installed
 * @returns its folder; null: it is not installed
 * @throws LossnetError when it is there, and is of another version or incomplete: to pass over it would hide that
 */
export function findCompanion(
  find: () => string = () => require.resolve(`${COMPANION}/package.json`),
): string | null {
  let manifest: string;
  try {
    manifest = find();
  } catch {
    return null;
  }
  const folder = dirname(manifest);
  const problem = problemOf(manifest, folder);
  if (problem === null) return folder;
  throw new LossnetError(
    'LOSSNET_NATIVE_PACKAGE',
    `The package ${COMPANION} in ${folder} cannot be used: ${problem}.`,
    `Install the one that belongs to this lossnet: npm install ${COMPANION}@${VERSION}\nOr remove it: then lossnet makes the library itself, with Python and a C++ compiler.`,
  );
}

function problemOf(manifest: string, folder: string): string | null {
  let version: unknown;
  try {
    ({ version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version?: unknown });
  } catch {
    return 'its package.json cannot be read';
  }
  if (version !== VERSION) return `it is version ${version}, and lossnet is ${VERSION}`;
  const missing = companionFiles(folder).filter((file) => !arePresent([file]));
  return missing.length === 0
    ? null
    : `${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} missing or empty`;
}

/** What has to be in it. */
export function companionFiles(folder: string): string[] {
  const binding = bindingIn(folder);
  return [
    binding,
    addonBeside(binding, 'process'),
    addonBeside(binding, 'engine'),
    // Several processes train one model on Linux alone.
    ...(process.platform === 'linux' ? [addonBeside(binding, 'collectives')] : []),
    ...WHEEL_LIBRARIES.map((name) => join(librariesIn(folder), name)),
  ];
}
