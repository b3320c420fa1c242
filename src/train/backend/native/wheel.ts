import { mkdirSync, readdirSync, renameSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { LossnetError } from '../../../base/errors.js';
import { isOffline, OFFLINE } from '../../../base/offline.js';
import type { Children } from './children.js';
import { diskFull, firstLine, NAME_A_LIBRARY, saysDiskFull } from './failures.js';
import { TENSORFLOW_VERSION } from './locations.js';

/** TensorFlow's Python package, of which only the C library and its headers are used. */
export const WHEEL = {
  requirement: `tensorflow-cpu==${TENSORFLOW_VERSION}`,
  megabytes: 261,
  sha256: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
  platform: 'manylinux_2_27_x86_64',
} as const;

const PIP_DOWNLOAD = [
  ...['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-input', '--retries', '2'],
  ...['--no-deps', '--only-binary=:all:', '--require-hashes'],
  // The tags are stated rather than left to pip, so that the one checksum serves every Python.
  ...['--implementation', 'cp', '--python-version', '3.11', '--abi', 'cp311', '--platform', WHEEL.platform],
  // The wheel is used once and kept unpacked: a copy in pip's own cache would only take the user's space.
  '--no-cache-dir',
];

/** What pip's messages call an index out of reach. */
const UNREACHABLE =
  /connection refused|name or service not known|name resolution|no address associated|unreachable|timed out|certificate verify failed|proxyerror|connection reset/i;

/** Room for the wheel, the libraries and the copy that `strip` makes, at the worst moment. */
const BYTES_NEEDED = 1.5e9;

/** The libraries in the wheel; the framework is loaded by the other one. */
export const WHEEL_LIBRARIES = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'] as const;

/** What tfjs-node's binding includes, directly or not. */
const HEADERS = [
  'tensorflow/c/c_api.h',
  'tensorflow/c/c_api_macros.h',
  'tensorflow/c/eager/c_api.h',
  'tensorflow/c/tf_attrtype.h',
  'tensorflow/c/tf_buffer.h',
  'tensorflow/c/tf_datatype.h',
  'tensorflow/c/tf_status.h',
  'tensorflow/c/tf_tensor.h',
  'tensorflow/c/tf_tstring.h',
  'tensorflow/core/platform/ctstring.h',
  'tensorflow/core/platform/ctstring_internal.h',
  'tsl/platform/ctstring.h',
  'tsl/platform/ctstring_internal.h',
  'xla/tsl/c/tsl_status.h',
] as const;

const UNZIP = `
import os, shutil, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as wheel:
    for source, target in zip(sys.argv[2::2], sys.argv[3::2]):
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with wheel.open(source) as reader, open(target, 'wb') as writer:
            shutil.copyfileobj(reader, writer, 1 << 20)
`;

/**
 * @param folder an existing folder on the file system to look at
 * @param bytes the room that is needed
 * @throws LossnetError when there is less
 */
export function checkRoom(folder: string, bytes: number = BYTES_NEEDED): void {
  const { bavail, bsize, blocks } = statfsSync(folder);
  // Some network file systems do not say.
  if (blocks > 0 && bavail * bsize < bytes) throw diskFull();
}

/** @throws LossnetError where the network is not to be asked for the wheel */
export function refuseOffline(): void {
  if (!isOffline()) return;
  throw new LossnetError(
    'LOSSNET_NATIVE_DOWNLOAD',
    `TensorFlow's library is not here yet, and ${OFFLINE}.`,
    `Provide it where there is a network: lossnet doctor --fetch\n${NAME_A_LIBRARY}`,
  );
}

/**
 * Downloads TensorFlow's wheel with pip, as the user has set pip up (index, proxy, certificates).
 *
 * @param children runs pip
 * @param folder an existing folder for the wheel
 * @param sha256 the only content that is accepted
 * @returns the wheel's path
 * @throws LossnetError when no index can be reached, the file is another one or the disk is full
 */
export async function downloadWheel(
  children: Children,
  folder: string,
  sha256: string = WHEEL.sha256,
): Promise<string> {
  const requirements = join(folder, 'requirements.txt');
  const downloads = join(folder, 'wheel');
  writeFileSync(requirements, `${WHEEL.requirement} --hash=sha256:${sha256}\n`);
  mkdirSync(downloads);
  const pip = await children.run(
    'python3',
    [...PIP_DOWNLOAD, '--requirement', requirements, '--dest', downloads],
    // Meant for installing; it would stop a mere download.
    { PIP_REQUIRE_VIRTUALENV: 'false' },
  );
  const wheel = readdirSync(downloads).find((name) => name.endsWith('.whl'));
  if (!pip.ok || !wheel) throw downloadFailed(`${pip.stdout}\n${pip.stderr}`);
  return join(downloads, wheel);
}

/**
 * Unpacks the headers that the binding is compiled with.
 *
 * @param children runs python3
 * @param wheel path of the wheel
 * @param folder where to put them; becomes an include folder
 */
export async function unpackHeaders(children: Children, wheel: string, folder: string): Promise<void> {
  const pairs = HEADERS.flatMap((name) => [`tensorflow/include/${name}`, join(folder, name)]);
  await unzip(children, wheel, pairs);
}

/** Unpacks the licences of TensorFlow and of what it is built on: who passes the libraries on passes them on too. */
export async function unpackNotices(children: Children, wheel: string, folder: string): Promise<void> {
  const notices = 'THIRD_PARTY_NOTICES.txt';
  const licence = ['tensorflow/include/LICENSE', join(folder, 'LICENSE')];
  await unzip(children, wheel, [...licence, `tensorflow/${notices}`, join(folder, notices)]);
}

/**
 * Unpacks TensorFlow's libraries, takes away what only debuggers need (a quarter of them) and removes the wheel.
 *
 * @param children runs python3 and strip
 * @param wheel path of the wheel
 * @param folder where to put the libraries
 */
export async function unpackLibraries(children: Children, wheel: string, folder: string): Promise<void> {
  const files = WHEEL_LIBRARIES.map((name) => join(folder, name));
  const pairs = files.flatMap((file) => [`tensorflow/${basename(file)}`, file]);
  await unzip(children, wheel, pairs);
  rmSync(wheel);
  for (const file of files) {
    const stripped = `${file}.stripped`;
    const strip = await children.run('strip', ['--strip-unneeded', '-o', stripped, file]);
    // Stripping only saves space: without it, or without the tool, the library works as well.
    if (strip.ok) renameSync(stripped, file);
    else if (saysDiskFull(strip.stderr)) throw diskFull();
    else rmSync(stripped, { force: true });
  }
}

async function unzip(children: Children, wheel: string, pairs: string[]): Promise<void> {
  // Isolated: a file named zipfile.py somewhere in PYTHONPATH must not be run.
  const python = await children.run('python3', ['-I', '-c', UNZIP, wheel, ...pairs]);
  if (python.ok) return;
  if (saysDiskFull(python.stderr)) throw diskFull();
  const reason = python.stderr.trim().split('\n').at(-1);
  throw new LossnetError(
    'LOSSNET_NATIVE_UNPACK',
    `TensorFlow's wheel could not be unpacked: ${firstLine(reason ?? 'python3 was stopped')}.`,
    'Run the command again.',
  );
}

function downloadFailed(output: string): LossnetError {
  if (saysDiskFull(output)) return diskFull();
  const got = /Got\s+([0-9a-f]{64})/.exec(output)?.[1];
  if (got) {
    return new LossnetError(
      'LOSSNET_NATIVE_CHECKSUM',
      `The downloaded ${WHEEL.requirement} is not the file that lossnet was tested with (its sha256 is ${got}).`,
      'Run the command again; if it stays so, have pip use another package index (PIP_INDEX_URL).\n' +
        NAME_A_LIBRARY,
    );
  }
  return new LossnetError(
    'LOSSNET_NATIVE_DOWNLOAD',
    `pip could not download ${WHEEL.requirement} (${WHEEL.megabytes} MB, needed once): ${downloadReason(output)}.`,
    'Check the network and how pip is set up (PIP_INDEX_URL, PIP_PROXY, PIP_CERT), then run the command again.\n' +
      NAME_A_LIBRARY,
  );
}

function downloadReason(output: string): string {
  const unreachable = UNREACHABLE.exec(output)?.[0];
  if (unreachable) return `no package index can be reached (${unreachable.toLowerCase()})`;
  if (/no matching distribution/i.test(output)) return `pip's package index lacks it for ${WHEEL.platform}`;
  return firstLine(/^ERROR: (.*)$/m.exec(output)?.[1] ?? output);
}
