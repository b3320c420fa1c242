import { LossnetError } from '../../base/errors.js';
import { exportSavedModel } from '../../train/engine/graph/export.js';
import type { Sequential } from '../../train/model/sequential.js';
import { type ExportFormat, MODEL_FILES } from './formats.js';
import { encodeOnnx } from './onnx/model.js';
import { encodeWeights } from './safetensors.js';
import type { Subject } from './subject.js';
import { encodeTfjs } from './tfjs/model.js';

/** The most bytes that a message of protocol buffers can have. */
const MOST_BYTES = 2 ** 31 - 1;

/** So much is left for all that is no weight. */
const GRAPH_BYTES = 16 * 1024 * 1024;

/**
 * Writes a model in a format.
 *
 * @param format which
 * @param model with its weights
 * @param subject what goes before and after it, and what it was made from
 * @param batchSize how many samples it takes at once; null: any number
 * @returns the files by name
 * @throws LossnetError when the format cannot hold it
 */
export function encodeModel(
  format: ExportFormat,
  model: Sequential,
  subject: Subject,
  batchSize: number | null,
): ReadonlyMap<string, Buffer> {
  switch (format) {
    case 'savedmodel': {
      refuseLarge(format, model);
      return new Map([
        [MODEL_FILES.savedmodel, Buffer.from(exportSavedModel(model, subject, batchSize ?? 1))],
      ]);
    }
    case 'onnx':
      refuseLarge(format, model);
      return new Map([[MODEL_FILES.onnx, encodeOnnx(subject, batchSize)]]);
    case 'tfjs':
      return encodeTfjs(subject, batchSize);
    case 'safetensors':
      return new Map([[MODEL_FILES.safetensors, encodeWeights(model.state)]]);
  }
}

/**
 * @param format whose file is a message of protocol buffers
 * @param model only its sizes count
 * @throws LossnetError when its weights are larger than such a message can be
 */
export function refuseLarge(
  format: ExportFormat,
  { state }: { readonly state: readonly { readonly size: number }[] },
): void {
  const bytes = 4 * state.reduce((sum, { size }) => sum + size, 0);
  if (bytes <= MOST_BYTES - GRAPH_BYTES) return;
  throw new LossnetError(
    'LOSSNET_EXPORT_LARGE',
    `The weights take ${(bytes / 1e9).toFixed(1)} GB, and a file of the format ${format} can have 2.1 GB at most.`,
    'Export it with --format safetensors, which has no such limit.',
  );
}
