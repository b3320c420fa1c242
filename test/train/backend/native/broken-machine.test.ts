import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Children } from '../../../../src/train/backend/native/children.js';
import { compileBinding } from '../../../../src/train/backend/native/compile.js';
import { wheelLibraryFolder } from '../../../../src/train/backend/native/locations.js';
import { findNamedLibrary } from '../../../../src/train/backend/native/named-library.js';
import { checkPlatform, checkProcessor } from '../../../../src/train/backend/native/tools.js';
import { checkRoom, downloadWheel } from '../../../../src/train/backend/native/wheel.js';
import { type Line, LOAD, pathWith, run, temporaryFolder } from './child.js';

const NAMED =
  'Or set LOSSNET_LIBTENSORFLOW to a folder that holds libtensorflow 2: its libraries and its include folder.';

describe('tools', () => {
  test('everything that is missing is named at once', async () => {
    expect(await failure({ PATH: pathWith() })).toEqual({
      code: 'LOSSNET_NATIVE_TOOLS',
      message:
        "TensorFlow's native library has to be made once, and this machine lacks python3 with pip and a C++ compiler.",
      remedy:
        'Install what is missing: apt-get install python3 python3-pip g++ (Debian, Ubuntu) or ' +
        `dnf install python3 python3-pip gcc-c++ (Fedora).\n${NAMED}`,
    });
  });

  test('no pip', async () => {
    const path = pathWith('c++');
    // -S: without the folder that pip lies in.
    addPython(path, '-S');
    const { message, remedy } = await failure({ PATH: path });
    expect(message).toBe(
      "TensorFlow's native library has to be made once, and this machine lacks pip for python3.",
    );
    expect(remedy).toContain('apt-get install python3 python3-pip (Debian');
  });

  test('no compiler', async () => {
    const path = pathWith();
    addPython(path);
    const { message, remedy } = await failure({ PATH: path });
    expect(message).toBe(
      "TensorFlow's native library has to be made once, and this machine lacks a C++ compiler.",
    );
    expect(remedy).toContain('apt-get install g++ (Debian, Ubuntu) or dnf install gcc-c++ (Fedora)');
  });

  test('no compiler, where only code of lossnet itself is missing', async () => {
    const folder = temporaryFolder();
    symlinkSync(wheelLibraryFolder(), join(folder, basename(wheelLibraryFolder())));
    expect(await failure({ PATH: pathWith(), LOSSNET_CACHE: folder })).toEqual({
      code: 'LOSSNET_NATIVE_TOOLS',
      message: "lossnet's own native code has to be compiled once, and this machine lacks a C++ compiler.",
      remedy:
        'Install what is missing: apt-get install g++ (Debian, Ubuntu) or dnf install gcc-c++ (Fedora).',
    });
  });

  test('a compiler that is killed, as where memory runs out', async () => {
    const folder = temporaryFolder();
    symlinkSync(wheelLibraryFolder(), join(folder, basename(wheelLibraryFolder())));
    const compiler = join(folder, 'compiler');
    writeFileSync(compiler, '#!/bin/sh\n[ "$1" = --version ] || kill -9 $$\n', { mode: 0o755 });
    const { lines } = await run(LOAD, { LOSSNET_CACHE: folder, CXX: compiler });
    expect(lines).toEqual([
      { step: `compiling lossnet's own part of the engine, with ${compiler}, once` },
      {
        code: 'LOSSNET_NATIVE_COMPILE',
        message: `${compiler} was ended by SIGKILL while it compiled lossnet's native code.`,
        remedy: 'Where memory runs out, systems end programs so: free some, and start again.',
      },
    ]);
  });

  test('a compiler that fails: its own first error', async () => {
    const folder = temporaryFolder();
    const compiler = { children: new Children(folder), name: 'c++', folder };
    const attempt = compileBinding(
      compiler,
      join(folder, 'no-headers'),
      [],
      '/',
      join(folder, 'a', 'b.node'),
    );
    await expect(attempt).rejects.toMatchObject({
      code: 'LOSSNET_NATIVE_COMPILE',
      message: expect.stringMatching(
        /^c\+\+ could not compile lossnet's native code: .* error: [^\n]*c_api.h[^\n]*$/,
      ),
    });
  });
});

describe('download', () => {
  test('no package index can be reached', async () => {
    const unreachable = {
      PIP_INDEX_URL: 'http://127.0.0.1:9/simple',
      PIP_CONFIG_FILE: '/dev/null',
      PIP_FIND_LINKS: '',
      PIP_EXTRA_INDEX_URL: '',
    };
    expect(await failure(unreachable)).toEqual({
      code: 'LOSSNET_NATIVE_DOWNLOAD',
      message:
        'pip could not download tensorflow-cpu==2.21.0 (261 MB, needed once): ' +
        'no package index can be reached (connection refused).',
      remedy:
        'Check the network and how pip is set up (PIP_INDEX_URL, PIP_PROXY, PIP_CERT), then run the command again.\n' +
        NAMED,
    });
  });

  test('the network is not to be asked', async () => {
    const { code, message, remedy } = await failure({ LOSSNET_OFFLINE: '1' });
    expect([code, message]).toEqual([
      'LOSSNET_NATIVE_DOWNLOAD',
      "TensorFlow's library is not here yet, and the network is not asked while LOSSNET_OFFLINE is set.",
    ]);
    expect(remedy).toContain('lossnet doctor --fetch');
  });

  test('an index without the package', async () => {
    const index = temporaryFolder();
    const { code, message } = await failure({
      PIP_NO_INDEX: '1',
      PIP_FIND_LINKS: index,
      PIP_CONFIG_FILE: '/dev/null',
    });
    expect(code).toBe('LOSSNET_NATIVE_DOWNLOAD');
    expect(message).toMatch(/: pip's package index lacks it for manylinux_2_27_x86_64\.$/);
  });

  test('another file than the one that lossnet was tested with', async () => {
    const folder = temporaryFolder();
    const attempt = downloadWheel(new Children(folder), folder, 'f'.repeat(64));
    await expect(attempt).rejects.toMatchObject({
      code: 'LOSSNET_NATIVE_CHECKSUM',
      message:
        'The downloaded tensorflow-cpu==2.21.0 is not the file that lossnet was tested with ' +
        '(its sha256 is 2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c).',
      remedy: expect.stringContaining('PIP_INDEX_URL'),
    });
  });
});

describe('cache folder', () => {
  test('it cannot be written', async () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    const { lines } = await run(LOAD, { LOSSNET_CACHE: join(file, 'cache') });
    expect(lines).toEqual([
      {
        code: 'LOSSNET_NATIVE_CACHE',
        message:
          "TensorFlow's native library cannot be put into the cache. " +
          `Cannot write ${file}/cache: a part of the path is a file, not a folder (ENOTDIR).`,
        remedy: 'Set LOSSNET_CACHE to a folder that you may write to.',
      },
    ]);
  });

  test('there is not enough room', () => {
    const folder = temporaryFolder();
    expect(() => checkRoom(folder, Number.POSITIVE_INFINITY)).toThrow(
      expect.objectContaining({
        code: 'LOSSNET_NATIVE_DISK_FULL',
        message: expect.stringMatching(
          /^There is not enough room in .*: making .* takes 1\.5 GB for a minute\.$/,
        ),
        remedy: 'Free some space, or set LOSSNET_CACHE to a folder on a larger disk.',
      }),
    );
  });
});

describe('platform', () => {
  test.each([
    ['linux', 'x64', '2.27'],
    ['linux', 'x64', '2.41'],
  ])('%s-%s with glibc %s can be served', (platform, arch, glibc) => {
    expect(() => checkPlatform(platform, arch, glibc)).not.toThrow();
  });

  test.each([
    ['darwin', 'arm64', undefined, 'this is darwin-arm64.'],
    ['linux', 'arm64', '2.36', 'this is linux-arm64 with glibc 2.36.'],
    ['linux', 'x64', '2.17', 'this is linux-x64 with glibc 2.17.'],
    ['win32', 'x64', undefined, 'this is win32-x64.'],
  ])('%s-%s, glibc %s: the remedy names LOSSNET_LIBTENSORFLOW', (platform, arch, glibc, end) => {
    expect(() => checkPlatform(platform, arch, glibc)).toThrow(
      expect.objectContaining({
        code: 'LOSSNET_NATIVE_PLATFORM',
        message: expect.stringContaining(end),
        remedy: expect.stringContaining('Set LOSSNET_LIBTENSORFLOW'),
      }),
    );
  });
});

describe('LOSSNET_LIBTENSORFLOW', () => {
  test('a folder that does not exist', async () => {
    const folder = join(temporaryFolder(), 'nowhere');
    const { lines } = await run(LOAD, { LOSSNET_LIBTENSORFLOW: folder });
    expect(lines).toEqual([
      {
        code: 'LOSSNET_NATIVE_LIBTENSORFLOW',
        message: `LOSSNET_LIBTENSORFLOW names ${folder}, which does not exist.`,
        remedy: expect.stringContaining('unset it'),
      },
    ]);
  });

  test('all parts that are missing are named', () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'lib'));
    expect(() => findNamedLibrary(folder)).toThrow(
      /which lacks libtensorflow_cc\.so\.2 or libtensorflow\.so\.2 and libtensorflow_framework\.so\.2 and include/,
    );
    writeFileSync(join(folder, 'lib', 'libtensorflow.so.2'), '');
    writeFileSync(join(folder, 'lib', 'libtensorflow_framework.so.2'), '');
    expect(() => findNamedLibrary(folder)).toThrow(/which lacks include\/tensorflow\/c\/eager\/c_api\.h\.$/);
  });

  test.each([
    ["TensorFlow's archive", 'lib/', 'libtensorflow.so.2'],
    ["Python's package", '', 'libtensorflow_cc.so.2'],
  ])('the layout of %s', (_name, libraries, main) => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, libraries), { recursive: true });
    mkdirSync(join(folder, 'include/tensorflow/c/eager'), { recursive: true });
    for (const file of [main, 'libtensorflow_framework.so.2'])
      writeFileSync(join(folder, libraries, file), '');
    writeFileSync(join(folder, 'include/tensorflow/c/eager/c_api.h'), '');
    const found = findNamedLibrary(folder);
    expect(found.include).toBe(join(folder, 'include'));
    expect(found.libraries).toEqual([
      join(folder, libraries, main),
      join(folder, libraries, 'libtensorflow_framework.so.2'),
    ]);
  });
});

/** Loads TensorFlow with an empty cache: the error, after a look that nothing was left behind. */
async function failure(env: NodeJS.ProcessEnv): Promise<Line> {
  const cache = join(temporaryFolder(), 'cache');
  const { lines, stderr } = await run(LOAD, { LOSSNET_CACHE: cache, CXX: undefined, ...env });
  expect(stderr).toBe('');
  expect(existsSync(cache) ? readdirSync(cache) : []).toEqual([]);
  return lines.at(-1) ?? {};
}

/** Puts the real python3 there: the one in PATH may be a script that needs more of PATH. */
function addPython(folder: string, ...options: string[]): void {
  const python = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' });
  const file = join(folder, 'python3');
  writeFileSync(file, `#!/bin/sh\nexec "${python.trim()}" ${options.join(' ')} "$@"\n`);
  chmodSync(file, 0o755);
}

describe('the processor', () => {
  test.each([
    ['x64', 'flags\t\t: fpu sse2 avx avx2\n'],
    ['arm64', 'Features\t: fp asimd\n'],
    ['x64', null],
  ])('%s with %j will do', (arch, cpuinfo) => {
    expect(() => checkProcessor(arch, cpuinfo)).not.toThrow();
  });

  test('without AVX, TensorFlow would end the process: that is said instead', () => {
    expect(() => checkProcessor('x64', 'flags\t\t: fpu sse2 sse4_2\n')).toThrow('this one has none');
  });
});
