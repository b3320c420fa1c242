import { LossnetError } from '../../../base/errors.js';
import type { Children } from './children.js';
import { NAME_A_LIBRARY } from './failures.js';

/** The first that answers is used; `CXX`, when set, before all. */
const COMPILERS = ['c++', 'g++', 'clang++'];

/** The oldest C library that TensorFlow's wheel runs on. */
const MINIMUM_GLIBC = 2.27;

/**
 * @param platform as `process.platform`
 * @param arch as `process.arch`
 * @param glibc version of the C library, undefined where there is another, such as musl
 * @throws LossnetError where TensorFlow's wheel cannot run
 */
export function checkPlatform(
  platform: string = process.platform,
  arch: string = process.arch,
  glibc: string | undefined = glibcVersion(),
): void {
  const here = platform === 'linux' ? `${platform}-${arch} with ${libcName(glibc)}` : `${platform}-${arch}`;
  if (platform === 'linux' && arch === 'x64' && glibc !== undefined) {
    const [major = 0, minor = 0] = glibc.split('.').map(Number);
    if (major + minor / 100 >= MINIMUM_GLIBC) return;
  }
  throw new LossnetError(
    'LOSSNET_NATIVE_PLATFORM',
    `lossnet can get TensorFlow for linux-x64 with glibc ${MINIMUM_GLIBC} or newer; this is ${here}.`,
    [
      ...elsewhere(platform, glibc),
      'Set LOSSNET_LIBTENSORFLOW to a folder that holds libtensorflow 2 for this machine: its libraries and its ' +
        'include folder (untested on platforms other than linux-x64).',
    ].join('\n'),
  );
}

/** What is known to work on such a machine; of others, nothing. */
export function elsewhere(platform: string, glibc: string | undefined): string[] {
  if (platform === 'win32')
    return ['Use WSL 2, the Linux that Windows brings: https://learn.microsoft.com/windows/wsl'];
  if (platform === 'linux' && glibc === undefined) {
    return ['Use an image with glibc, such as node:22-bookworm-slim in place of node:22-alpine.'];
  }
  return [];
}

/**
 * TensorFlow is compiled for processors with AVX, and on others it ends the process without a word.
 *
 * @param arch as `process.arch`
 * @param cpuinfo content of /proc/cpuinfo; null where the system does not say
 * @throws LossnetError where it would
 */
export function checkProcessor(arch: string, cpuinfo: string | null): void {
  const [, flags] = /^flags\s*:(.*)$/m.exec(cpuinfo ?? '') ?? [];
  if (arch !== 'x64' || flags === undefined || /\bavx\b/.test(flags)) return;
  throw new LossnetError(
    'LOSSNET_NATIVE_PROCESSOR',
    'TensorFlow is built for processors with AVX, and this one has none.',
    'Take another machine, or name a TensorFlow built for this one in LOSSNET_LIBTENSORFLOW.',
  );
}

/**
 * Looks for the tools that provisioning needs.
 *
 * @param children runs them
 * @param need what they are needed for, in words
 * @param needPython whether the wheel has to be downloaded and unpacked as well. Default: no
 * @returns the C++ compiler's name
 * @throws LossnetError that names all that is missing
 */
export async function findCompiler(children: Children, need: string, needPython = false): Promise<string> {
  const [compiler, missingPython] = await Promise.all([
    firstCompiler(children),
    needPython ? pythonLacks(children) : undefined,
  ]);
  const missing = [missingPython, compiler ? undefined : 'a C++ compiler'].filter(
    (item) => item !== undefined,
  );
  if (compiler && missing.length === 0) return compiler;
  const apt = [missingPython && 'python3 python3-pip', !compiler && 'g++'].filter(Boolean).join(' ');
  const dnf = apt.replace('g++', 'gcc-c++');
  throw new LossnetError(
    'LOSSNET_NATIVE_TOOLS',
    `${need}, and this machine lacks ${missing.join(' and ')}.`,
    // Where the library is there, another one would need a compiler as well.
    `Install what is missing: apt-get install ${apt} (Debian, Ubuntu) or dnf install ${dnf} (Fedora).${needPython ? `\n${NAME_A_LIBRARY}` : ''}`,
  );
}

async function firstCompiler(children: Children): Promise<string | undefined> {
  const { CXX } = process.env;
  for (const name of CXX ? [CXX, ...COMPILERS] : COMPILERS) {
    if ((await children.run(name, ['--version'])).ok) return name;
  }
  return undefined;
}

async function pythonLacks(children: Children): Promise<string | undefined> {
  const pip = await children.run('python3', ['-m', 'pip', '--version']);
  if (pip.ok) return undefined;
  return (await children.run('python3', ['--version'])).ok ? 'pip for python3' : 'python3 with pip';
}

/** Version of the C library; undefined where there is another, such as musl. */
export function glibcVersion(): string | undefined {
  const report = process.report.getReport() as unknown as { header: { glibcVersionRuntime?: string } };
  return report.header.glibcVersionRuntime;
}

function libcName(glibc: string | undefined): string {
  return glibc === undefined ? 'another C library than glibc' : `glibc ${glibc}`;
}
