import Module, { createRequire } from 'node:module';
import { prepareProcess } from '../../src/train/backend/native/load.js';
import { provideNativeLibrary } from '../../src/train/backend/native/provision.js';
import type { TensorFlowVersions } from '../../src/train/backend/tensorflow.js';

type WholeTfjs = typeof import('@tensorflow/tfjs-node');

const require = createRequire(import.meta.url);

/**
 * Loads tfjs-node with all of tfjs, whose layers and `fit` lossnet leaves out; on the native library and with the settings that
 * lossnet itself trains with.
 */
export async function loadWholeTfjs(): Promise<{ tf: WholeTfjs; versions: TensorFlowVersions }> {
  const binding = await provideNativeLibrary(() => {});
  prepareProcess();
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  // tfjs-node asks node-pre-gyp where its binding lies, and would look only in its own folder.
  const path = createRequire(require.resolve('@tensorflow/tfjs-node')).resolve('@mapbox/node-pre-gyp');
  const answer = new Module(path);
  answer.exports = { find: () => binding };
  answer.loaded = true;
  require.cache[path] = answer;
  const tf = require('@tensorflow/tfjs-node') as WholeTfjs;
  const { TF_Version } = (tf.backend() as unknown as { binding: { TF_Version: string } }).binding;
  return { tf, versions: { tfjs: tf.version['tfjs-node'], tensorflow: TF_Version } };
}
