import { LossnetError } from '../../base/errors.js';
import { findAddon, provideAddon } from './native/addons.js';
import {
  beginNativeLibrary,
  type Logs,
  leaveNativeLibrary,
  loadAddon,
  loadNativeLibrary,
  type TensorFlow,
} from './native/load.js';
import { findOwnBinding, provideNativeLibrary } from './native/provision.js';
import { type Sessions, setSessions } from './sessions.js';

export type {
  NamedTensorMap,
  Scalar,
  Tensor,
  Tensor1D,
  Tensor2D,
  Tensor3D,
  Tensor4D,
  TensorFlow,
  TensorLike,
  Variable,
} from './native/load.js';
export { loadConverter } from './native/load.js';

/** The versions that a run's results depend on. */
export interface TensorFlowVersions {
  /** version of tfjs-node, for example `4.22.0` */
  tfjs: string;
  /** version of the native library, for example `2.21.0` */
  tensorflow: string;
}

let loaded: TensorFlow | undefined;
let loading: Promise<TensorFlow> | undefined;

/**
 * Loads TensorFlow, once per process; later calls return the same module. The first call on a machine downloads
 * and compiles the native library, which takes about half a minute. TensorFlow reads its environment variables
 * (`TF_NUM_INTRAOP_THREADS` and others) at this moment, so set them before.
 *
 * @param report told each step of the provisioning; never called when the library is there already
 * @param logs what TensorFlow may log; the first call decides. Default: errors
 * @returns what lossnet uses of the module `@tensorflow/tfjs-node`
 * @throws LossnetError with a code `LOSSNET_NATIVE_...` when the native library cannot be provided or loaded
 */
export function loadTensorFlow(
  report: (message: string) => void = () => {},
  logs: Logs = 'errors',
): Promise<TensorFlow> {
  loading ??= provideNativeLibrary(report)
    .then(async (binding) => {
      // They are compiled at the same time: one line says so.
      const addons = [provideAddon('process', () => {}), provideAddon('engine', report)];
      // What fails is told once nothing is being compiled any more.
      await Promise.allSettled(addons);
      const [around, engine] = (await Promise.all(addons)) as [string, string];
      const tensorFlow = loadNativeLibrary(binding, around, logs);
      setSessions(loadAddon<Sessions>(engine));
      loaded = tensorFlow;
      return loaded;
    })
    .catch((error: unknown) => {
      loading = undefined; // What is missing may be there at the next call.
      throw error;
    });
  return loading;
}

/**
 * Begins to open TensorFlow's library on another thread, which takes 0.15 s of a core, while this one has something else to do.
 * `loadTensorFlow` waits for it, and tells what is wrong; who does not come to call that calls `leaveTensorFlow`. Until then no
 * environment variable may be changed. Where something has to be made first, or the user wants to see what is logged, nothing happens.
 *
 * @param logs what TensorFlow may log
 */
export function beginTensorFlow(logs: Logs): void {
  if (loading !== undefined || process.env.TF_CPP_MIN_LOG_LEVEL !== undefined) return;
  try {
    const [binding, addon] = [findOwnBinding(), findAddon('process')];
    if (binding !== null && addon !== null) beginNativeLibrary(binding, addon, logs);
  } catch (error) {
    if (!(error instanceof LossnetError)) throw error;
  }
}

/** Takes back what `beginTensorFlow` has changed in the process. */
export function leaveTensorFlow(): void {
  leaveNativeLibrary();
}

/**
 * TensorFlow, for code that runs after `loadTensorFlow`.
 *
 * @returns the loaded module
 * @throws Error when it is not loaded yet, which is a mistake in the program
 */
export function tensorflow(): TensorFlow {
  if (!loaded) throw new Error('tensorflow() was called before `await loadTensorFlow()`.');
  return loaded;
}

/**
 * @returns the versions of the loaded tfjs and TensorFlow
 * @throws Error when TensorFlow is not loaded yet
 */
export function tensorflowVersions(): TensorFlowVersions {
  const tf = tensorflow();
  const backend = tf.backend() as unknown as { binding: { TF_Version: string } };
  return { tfjs: tf.version['tfjs-node'], tensorflow: backend.binding.TF_Version };
}
