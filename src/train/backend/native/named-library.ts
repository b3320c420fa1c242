import { createHash } from 'node:crypto';
import { realpathSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { LossnetError } from '../../../base/errors.js';
import { exists } from '../../../base/read.js';

/** A libtensorflow that the user has named. */
export interface NamedLibrary {
  /** folder that holds the libraries, without symbolic links */
  folder: string;
  /** TensorFlow's library and its framework */
  libraries: string[];
  /** folder with `tensorflow/c/c_api.h` */
  include: string;
  /** changes when the folder or its libraries do */
  key: string;
}

const EXTENSIONS = process.platform === 'darwin' ? ['.2.dylib', '.dylib'] : ['.so.2', '.so'];

/**
 * Finds the parts of libtensorflow in a folder: as TensorFlow's C archives lay them out (`lib/`, `include/`), or as
 * its Python package does (libraries beside `include/`).
 *
 * @param path value of `LOSSNET_LIBTENSORFLOW`
 * @throws LossnetError that says which part is missing
 */
export function findNamedLibrary(path: string): NamedLibrary {
  const named = resolve(path);
  const found = [named, join(named, 'lib'), join(named, 'tensorflow')].find(mainLibrary);
  const folder = found ? realpathSync(found) : named;
  const main = mainLibrary(folder);
  const framework = library(folder, 'tensorflow_framework');
  const include = [named, folder, dirname(folder)]
    .map((root) => join(root, 'include'))
    .find((candidate) => exists(join(candidate, 'tensorflow/c/eager/c_api.h')));
  if (main && framework && include) {
    const libraries = [main, framework];
    return { folder, libraries, include, key: keyOf(libraries) };
  }
  const missing = [
    !main && `libtensorflow_cc${EXTENSIONS[0]} or libtensorflow${EXTENSIONS[0]}`,
    !framework && `libtensorflow_framework${EXTENSIONS[0]}`,
    !include && 'include/tensorflow/c/eager/c_api.h',
  ].filter(Boolean);
  throw new LossnetError(
    'LOSSNET_NATIVE_LIBTENSORFLOW',
    exists(named)
      ? `LOSSNET_LIBTENSORFLOW names ${named}, which lacks ${missing.join(' and ')}.`
      : `LOSSNET_LIBTENSORFLOW names ${named}, which does not exist.`,
    "Name the folder of an unpacked libtensorflow archive or of Python's tensorflow package; unset it on " +
      'linux-x64, and lossnet gets TensorFlow by itself.',
  );
}

function mainLibrary(folder: string): string | undefined {
  return library(folder, 'tensorflow_cc', 'tensorflow');
}

function library(folder: string, ...names: string[]): string | undefined {
  const files = names.flatMap((name) =>
    EXTENSIONS.map((extension) => join(folder, `lib${name}${extension}`)),
  );
  return files.find((file) => exists(file));
}

function keyOf(files: string[]): string {
  const hash = createHash('sha256');
  for (const file of files) {
    const { size, mtimeMs } = statSync(file);
    hash.update(`${file} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex').slice(0, 16);
}
