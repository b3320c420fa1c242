import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { LossnetError } from '../../../../base/errors.js';
import { PACKAGE_ROOT } from '../../../../base/package.js';
import { elsewhere, glibcVersion } from '../../../backend/native/tools.js';

const require = createRequire(import.meta.url);

/** What of the binding of libjpeg-turbo is used here. */
type Turbo = Pick<typeof import('@julusian/jpeg-turbo'), 'decompress' | 'decompressSync' | 'FORMAT_RGB'>;

/** The build takes the binding from its package, whose other 90 packages compile it where there is none. */
const BINDINGS = join(PACKAGE_ROOT, 'dist/jpeg-turbo');

/** The machine that something is to run on. */
interface Machine {
  /** As `process.platform`. */
  readonly platform: string;
  /** As `process.arch`. */
  readonly arch: string;
  /** Version of its C library; undefined where there is another, such as musl. It takes a while to find out. */
  readonly glibc: () => string | undefined;
}

/**
 * @param folder that holds a folder for each platform. Default: that of lossnet
 * @param machine default: this one
 * @returns libjpeg-turbo
 * @throws LossnetError `LOSSNET_DATA_DECODER` when it is not there for this machine
 */
export function loadTurbo(
  folder: string = BINDINGS,
  machine: Machine = { platform: process.platform, arch: process.arch, glibc: glibcVersion },
): Turbo {
  const file = join(folder, `${machine.platform}-${machine.arch}`, 'binding.node');
  try {
    return require(file) as Turbo;
  } catch (error) {
    throw cannotLoad(file, folder, machine, error as Error);
  }
}

function cannotLoad(file: string, folder: string, { platform, arch, glibc }: Machine, cause: Error) {
  const here = `${platform}-${arch}`;
  const known = existsSync(folder) ? readdirSync(folder).sort() : [];
  const isForeign = known.length > 0 && !known.includes(here);
  const message = isForeign
    ? `lossnet can decode pictures on ${known.join(', ')}; this is ${here}.`
    : `${file}, which decodes JPEGs, cannot be loaded: ${cause.message.split('\n')[0]}`;
  const [works] = elsewhere(platform, glibc());
  const again = isForeign
    ? 'Decode them on one of these, and train on them as arrays: dataset.type: arrays'
    : 'Install lossnet again; in a clone: npm run build';
  return new LossnetError('LOSSNET_DATA_DECODER', message, works ?? again, { cause });
}
