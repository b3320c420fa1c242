import { createRequire } from 'node:module';
import util from 'node:util';
import { LossnetError } from '../../../base/errors.js';
import { prepareEnvironment } from '../environment.js';
import { firstLine } from './failures.js';
import { arePresent, TFJS } from './locations.js';

/** tfjs-node, and tfjs's core with it, which is all that is loaded of tfjs: no layers, no data sets, no other backends. */
export type TensorFlow = Omit<typeof import('@tensorflow/tfjs-core'), 'io'> &
  Pick<typeof import('@tensorflow/tfjs-node'), 'io' | 'node' | 'version'>;
export type {
  NamedTensorMap,
  Scalar,
  Tensor,
  Tensor1D,
  Tensor2D,
  Tensor3D,
  Tensor4D,
  TensorLike,
  Variable,
} from '@tensorflow/tfjs-node';

/** What TensorFlow may log. Where a lost peer is told of by lossnet, TensorFlow's own lines on it would only bury that. */
export type Logs = 'errors' | 'fatal';

const LOG_LEVELS: Readonly<Record<Logs, string>> = { errors: '2', fatal: '3' };

/** What the build makes of tfjs-node: build/tfjs/tfjs-node.cjs. */
interface TfjsNode {
  load(binding: string): TensorFlow;
}

/** What the addon offers: see cc/process.cc. */
interface ProcessAddon {
  begin(library: string): void;
  wait(): void;
  mute(): void;
  unmute(): string | undefined;
  shield(): void;
  stop(): void;
}

const require = createRequire(import.meta.url);

/** Keeps signals off this thread; undefined: nothing does yet. */
let shield: ProcessAddon | undefined;
/** Opens the library on another thread; undefined: nothing does. */
let opener: ProcessAddon | undefined;

/**
 * Loads tfjs-node on top of a native library. The only place in lossnet that does. Nothing of what TensorFlow logs
 * meanwhile reaches the screen, and only errors do later, unless `TF_CPP_MIN_LOG_LEVEL` is set: then it decides.
 *
 * @param binding path of `tfjs_binding.node`, as `provideNativeLibrary` returns it
 * @param addon path of the addon `process`
 * @param logs what TensorFlow may log: errors, or only what ends the process
 * @returns what the module `@tensorflow/tfjs-node` exports
 * @throws LossnetError when the library cannot be loaded
 */
export function loadNativeLibrary(binding: string, addon: string, logs: Logs = 'errors'): TensorFlow {
  const around = loadAddon<ProcessAddon>(addon);
  // A library that reads a variable while it is changed may end the process.
  leaveNativeLibrary();
  prepareProcess();
  around.shield();
  shield = around;
  try {
    return quietly(around, logs, () => loadTaken<TfjsNode>(TFJS.node).load(binding));
  } catch (error) {
    throw error instanceof LossnetError ? error : unloadable("TensorFlow's native library", binding, error);
  }
}

/**
 * Begins to open the native library on another thread. `loadNativeLibrary` or `leaveNativeLibrary` waits for that: until then no
 * environment variable may be changed.
 *
 * @param binding path of `tfjs_binding.node`
 * @param addon path of the addon `process`
 * @param logs what TensorFlow may log
 * @throws LossnetError when the addon cannot be loaded, or an environment variable is not what TensorFlow takes
 */
export function beginNativeLibrary(binding: string, addon: string, logs: Logs): void {
  prepareProcess();
  const around = loadAddon<ProcessAddon>(addon);
  process.env.TF_CPP_MIN_LOG_LEVEL = LOG_LEVELS[logs];
  around.begin(binding);
  opener = around;
  process.once('exit', leaveNativeLibrary);
}

/** Leaves the process as it was before `beginNativeLibrary`, but that the library may be open. */
export function leaveNativeLibrary(): void {
  if (opener === undefined) return;
  process.off('exit', leaveNativeLibrary);
  opener.wait();
  opener = undefined;
  delete process.env.TF_CPP_MIN_LOG_LEVEL;
}

/**
 * Lets the process stand still within this call, until it is continued, as Ctrl-Z does where nobody listens to it. Nobody may listen:
 * a signal that `process.kill` sends comes to another thread once TensorFlow is loaded, while this one goes on.
 */
export function standStill(): void {
  if (shield === undefined) process.kill(process.pid, 'SIGTSTP');
  else shield.stop();
}

const unloadable = (what: string, file: string, cause: unknown) =>
  new LossnetError(
    'LOSSNET_NATIVE_LOAD',
    `${what} ${file} cannot be loaded: ${firstLine(cause)}.`,
    `Remove it, and lossnet makes it anew.`,
    { cause },
  );

/**
 * @param addon path of an addon of lossnet's own
 * @returns what it offers
 * @throws LossnetError when it cannot be loaded
 */
export function loadAddon<T>(addon: string): T {
  try {
    return require(addon) as T;
  } catch (error) {
    throw unloadable("lossnet's native code", addon, error);
  }
}

/** Sets what tfjs-node and TensorFlow look for in the process as they load. */
export function prepareProcess(): void {
  // tfjs-node 4.22.0 calls these on every op; Node 23 took them away.
  Object.assign(util, {
    isNullOrUndefined: (value: unknown) => value === null || value === undefined,
    isArray: Array.isArray,
  });
  prepareEnvironment({
    // TensorFlow itself leaves its faster convolutions off on CPUs without AVX-512, where they are twice as fast too.
    TF_ENABLE_ONEDNN_OPTS: '1',
    // Keeps what a convolution's gradient prepares for the next step, which by default it makes anew at each: a step of
    // the tutorial's CNN takes a tenth less at batches 1 and 8.
    TF_MKL_OPTIMIZE_PRIMITIVE_MEMUSE: 'false',
  });
}

/** What opens a graph that was exported for browsers; and tfjs's backend `cpu`, of plain JavaScript. */
export type Converter = Pick<typeof import('@tensorflow/tfjs-converter'), 'loadGraphModelSync'>;

/** Loads it beside tfjs-node, which has to be loaded. @throws LossnetError when the build has left it out */
export function loadConverter(): Converter {
  return loadTaken<Converter>(TFJS.converter);
}

/** Loads what the build has made. */
function loadTaken<T>(file: string): T {
  if (arePresent([file])) return require(file) as T;
  throw new LossnetError(
    'LOSSNET_NATIVE_LOAD',
    `lossnet is not whole: ${file} is missing or empty.`,
    'Install it again; in a clone: npm run build',
  );
}

function quietly<T>(around: ProcessAddon, logs: Logs, load: () => T): T {
  const { noDeprecation } = process;
  // About modules that tfjs uses; nothing that a user of lossnet could change.
  process.noDeprecation = true;
  try {
    return process.env.TF_CPP_MIN_LOG_LEVEL === undefined ? withLogsAside(around, logs, load) : load();
  } finally {
    process.noDeprecation = noDeprecation ?? false;
  }
}

function withLogsAside<T>(around: ProcessAddon, logs: Logs, load: () => T): T {
  // TensorFlow reads it once, now; child processes are not to take it for the user's wish.
  process.env.TF_CPP_MIN_LOG_LEVEL = LOG_LEVELS[logs];
  around.mute();
  let succeeded = false;
  try {
    const result = load();
    succeeded = true;
    return result;
  } finally {
    const logged = around.unmute();
    delete process.env.TF_CPP_MIN_LOG_LEVEL;
    if (!succeeded && logged) process.stderr.write(logged);
  }
}
