import { LossnetError } from '../../base/errors.js';

/** ONNX's runtime, which not everybody needs. */
export type OnnxRuntime = typeof import('onnxruntime-node');

/**
 * Loads ONNX's runtime: a package that is asked for by name, since it is large and only runs what was exported.
 *
 * @returns the package
 * @throws LossnetError `LOSSNET_PACKAGE_MISSING` when it is not installed, or cannot be loaded on this machine
 */
export async function loadOnnxRuntime(): Promise<OnnxRuntime> {
  try {
    const { default: runtime } = await import('onnxruntime-node');
    return runtime;
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND';
    const reason = isMissing ? 'is not installed' : `cannot be loaded: ${(error as Error).message}`;
    throw new LossnetError(
      'LOSSNET_PACKAGE_MISSING',
      `The package onnxruntime-node, which runs ONNX models, ${reason}.`,
      'Install it beside lossnet: npm install onnxruntime-node',
      { cause: error },
    );
  }
}
