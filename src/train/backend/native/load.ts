import { existsSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import util from 'node:util';
import { LossnetError } from '../../../base/errors.js';
import { prepareEnvironment } from '../environment.js';
import { firstLine } from './failures.js';
import { quietAddonBeside } from './locations.js';

/** tfjs with TensorFlow's native library below it. */
export type TensorFlow = typeof import('@tensorflow/tfjs-node');
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

interface QuietAddon {
  mute(): void;
  unmute(): string | undefined;
}

const require = createRequire(import.meta.url);

/**
 * Loads tfjs-node on top of a native library. The only place in lossnet that does. Nothing of what TensorFlow logs
 * meanwhile reaches the screen, and only errors do later, unless `TF_CPP_MIN_LOG_LEVEL` is set: then it decides.
 *
 * @param binding path of `tfjs_binding.node`, as `provideNativeLibrary` returns it
 * @param logs what TensorFlow may log: errors, or only what ends the process
 * @returns the module `@tensorflow/tfjs-node`
 * @throws LossnetError when the library cannot be loaded
 */
export function loadNativeLibrary(binding: string, logs: Logs = 'errors'): TensorFlow {
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
  try {
    return quietly(binding, logs, () =>
      withBinding(binding, () => require('@tensorflow/tfjs-node') as TensorFlow),
    );
  } catch (error) {
    throw new LossnetError(
      'LOSSNET_NATIVE_LOAD',
      `TensorFlow's native library ${binding} cannot be loaded: ${firstLine(error)}.`,
      `Remove it, and lossnet makes it anew.`,
      { cause: error },
    );
  }
}

/** tfjs-node asks node-pre-gyp where its binding lies, and would look only in its own folder. */
function withBinding<T>(binding: string, load: () => T): T {
  const path = createRequire(require.resolve('@tensorflow/tfjs-node')).resolve('@mapbox/node-pre-gyp');
  const original = require.cache[path];
  const answer = new Module(path);
  answer.exports = { find: () => binding };
  answer.loaded = true;
  // In place of the whole module rather than of its `find` alone: it would take 60 ms to load, for this one answer.
  require.cache[path] = answer;
  try {
    return load();
  } finally {
    if (original) require.cache[path] = original;
    else delete require.cache[path];
  }
}

function quietly<T>(binding: string, logs: Logs, load: () => T): T {
  const { noDeprecation } = process;
  // About modules that tfjs uses; nothing that a user of lossnet could change.
  process.noDeprecation = true;
  try {
    return process.env.TF_CPP_MIN_LOG_LEVEL === undefined ? withLogsAside(binding, logs, load) : load();
  } finally {
    process.noDeprecation = noDeprecation ?? false;
  }
}

function withLogsAside<T>(binding: string, logs: Logs, load: () => T): T {
  const addon = quietAddonBeside(binding);
  // An official binding has no such neighbour, but its TensorFlow keeps to the level from the start.
  const quiet = existsSync(addon) ? (require(addon) as QuietAddon) : undefined;
  // TensorFlow reads it once, now; child processes are not to take it for the user's wish.
  process.env.TF_CPP_MIN_LOG_LEVEL = logs === 'errors' ? '2' : '3';
  quiet?.mute();
  let succeeded = false;
  try {
    const result = load();
    succeeded = true;
    return result;
  } finally {
    const logged = quiet?.unmute();
    delete process.env.TF_CPP_MIN_LOG_LEVEL;
    if (!succeeded && logged) process.stderr.write(logged);
  }
}
