import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { LossnetError } from '../../../base/errors.js';
import { makeFolder } from '../../../base/files.js';
import type { Children, Outcome } from './children.js';
import { diskFull, firstLine, NAME_A_LIBRARY, saysDiskFull } from './failures.js';
import { TFJS } from './locations.js';

/** Runs the C++ compiler for one provisioning. */
export interface Compiler {
  children: Children;
  /** the program's name */
  name: string;
  /** folder for what is needed only meanwhile */
  folder: string;
}

const FLAGS = ['-std=c++17', '-O2', '-fPIC', '-DNAPI_VERSION=8', '-DNODE_GYP_MODULE_NAME=tfjs_binding'];

const IS_MACOS = process.platform === 'darwin';

// Node's own functions are found when the addon is loaded; macOS's linker has to be told so.
const LINK = IS_MACOS ? ['-shared', '-undefined', 'dynamic_lookup'] : ['-shared'];

/**
 * Compiles tfjs-node's binding. On Linux the libraries need not be
 * there yet.
 *
 * @param compiler what to run
 * @param include folder with `tensorflow/c/c_api.h`
 * @param libraries paths of TensorFlow's libraries
 * @param searchPath the libraries' folder when the binding is loaded; `$ORIGIN` stands for the binding's
 * @param binding path of the file to make
 * @throws LossnetError when the compiler fails
 */
export async function compileBinding(
  compiler: Compiler,
  include: string,
  libraries: readonly string[],
  searchPath: string,
  binding: string,
): Promise<void> {
  makeFolder(dirname(binding));
  const includes = ['-I', TFJS.nodeApiHeaders, '-I', include];
  const sources = ['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) => join(TFJS.bindingSource, name));
  const linked = IS_MACOS ? libraries : await standIns(compiler, libraries);
  // -Xlinker, as the commas of -Wl,... would break a folder's name that has one.
  const path = ['-Xlinker', '-rpath', '-Xlinker', searchPath];
  await compile(compiler, [...FLAGS, ...LINK, ...includes, ...sources, ...linked, ...path, '-o', binding]);
}

// The compiler is not to join a product and a sum: which it would depends on the processor, and so would the bytes. Nobody asks
// whether an operation overflowed: without that, it vectorises loops in which one of two numbers is chosen.
const ADDON_FLAGS = ['-O3', '-ffp-contract=off', '-fno-trapping-math'];

/** What an addon's bytes depend on besides its sources. */
export const ADDON_ARGUMENTS: readonly string[] = [...FLAGS, ...ADDON_FLAGS, ...LINK];

/**
 * Compiles an addon of lossnet's own.
 *
 * @param compiler what to run
 * @param include folder with `tensorflow/c/c_api.h`
 * @param libraries paths of TensorFlow's libraries, which are loaded before the addon is; none where it does not call them
 * @param sources its C++ files
 * @param addon path of the file to make
 * @throws LossnetError when the compiler fails
 */
export async function compileAddon(
  compiler: Compiler,
  include: string,
  libraries: readonly string[],
  sources: readonly string[],
  addon: string,
): Promise<void> {
  makeFolder(dirname(addon));
  const includes = ['-I', TFJS.nodeApiHeaders, '-I', include];
  const linked = IS_MACOS ? libraries : await standIns(compiler, libraries);
  await compile(compiler, [...ADDON_ARGUMENTS, ...includes, ...sources, ...linked, '-o', addon]);
}

/**
 * Empty libraries to link in place of TensorFlow's: the linker has to write down no more than their names. It would
 * read 400,000 exported symbols, for 15 seconds and more, to look up 50, and `checkBinding` looks these up anyway.
 */
async function standIns(compiler: Compiler, libraries: readonly string[]): Promise<string[]> {
  const folder = join(compiler.folder, 'stand-ins');
  mkdirSync(folder);
  const source = writeSource(compiler, 'empty.cc', '');
  const files = libraries.map((library) => join(folder, basename(library)));
  for (const file of files) {
    const soname = ['-Xlinker', '-soname', '-Xlinker', basename(file)];
    await compile(compiler, ['-shared', source, ...soname, '-o', file]);
  }
  // Some compilers leave out a library that nothing is taken from.
  return ['-Xlinker', '--no-as-needed', ...files];
}

function writeSource({ folder }: Compiler, name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

/**
 * Loads a binding with all the functions that it uses, in a process of its own: a library made for another machine
 * may end it.
 *
 * @param children runs node
 * @param binding path of the binding
 * @returns TensorFlow's version
 * @throws LossnetError when it cannot be loaded
 */
export async function checkBinding(children: Children, binding: string): Promise<string> {
  const script = `const binding = { exports: {} };
    process.dlopen(binding, process.argv[1], require('node:os').constants.dlopen.RTLD_NOW);
    process.stdout.write(binding.exports.TF_Version);`;
  const node = await children.run(process.execPath, ['-e', script, binding], { NODE_OPTIONS: undefined });
  if (node.ok) return node.stdout;
  throw new LossnetError(
    'LOSSNET_NATIVE_LOAD',
    `TensorFlow's native library was made but cannot be loaded: ${loadFailure(node)}.`,
    NAME_A_LIBRARY.replace(/^Or s/, 'S'),
  );
}

function loadFailure({ signal, stderr }: Outcome): string {
  const reason = /^Error: (.*)$/m.exec(stderr)?.[1] ?? stderr.trim().split('\n').at(-1);
  return firstLine([signal && `ended by ${signal}`, reason].filter(Boolean).join(', '));
}

async function compile({ children, name }: Compiler, args: readonly string[]): Promise<void> {
  const outcome = await children.run(name, args, { LC_ALL: 'C' });
  if (outcome.ok) return;
  if (saysDiskFull(outcome.stderr)) throw diskFull();
  // The compiler itself, or a program that it has started and tells of.
  if (outcome.signal !== null || /\bKilled\b/.test(outcome.stderr)) {
    throw new LossnetError(
      'LOSSNET_NATIVE_COMPILE',
      `${name} was ended by ${outcome.signal ?? 'SIGKILL'} while it compiled lossnet's native code.`,
      'Where memory runs out, systems end programs so: free some, and start again.',
    );
  }
  const lines = outcome.stderr.split('\n');
  const reason = lines.find((line) => /error|undefined|cannot find/i.test(line)) ?? outcome.stderr;
  throw new LossnetError(
    'LOSSNET_NATIVE_COMPILE',
    `${name} could not compile lossnet's native code: ${firstLine(reason)}.`,
    'A C++17 compiler with its standard library is needed: apt-get install g++ (Debian, Ubuntu) or dnf install ' +
      'gcc-c++ (Fedora). Another than the default one is named in CXX.',
  );
}
