import { LossnetError } from '../../base/errors.js';
import type { RawInputs } from '../trained/predictor.js';
import type { ExportFormat } from './formats.js';
import { openOnnx } from './onnx/open.js';
import type { Opened } from './opened.js';
import { type ExportRecord, readExportRecord } from './record.js';
import { openSafetensors } from './safetensors.js';
import { openSavedModel } from './savedmodel.js';
import { openTfjs } from './tfjs/open.js';

/** An exported model, ready to run. */
export interface ExportRunner {
  readonly format: ExportFormat;
  /** How many samples it takes at once; null: any number. */
  readonly batchSize: number | null;
  /** What the export says of itself. */
  readonly record: ExportRecord;
  /**
   * Runs a batch. A model of a fixed batch size is given a smaller batch filled up, and what it says of the filling is left out.
   *
   * @param inputs as batches hold them before they are scaled: bytes of pixels, features, or tokens
   * @param samples how many; at most the batch size
   * @returns [samples, outputs]: logits, or values in their own units
   * @throws LossnetError when it takes no such batch
   */
  run(inputs: RawInputs, samples: number): Promise<Float32Array>;
  /** Frees what it holds. */
  dispose(): void;
}

/**
 * Opens what `exportModel` wrote, whatever the format.
 *
 * @param folder of the export
 * @returns the model, to be disposed when it is not needed any more
 * @throws UsageError when it is no export; LossnetError when a file of it is damaged, or the package that runs it is missing
 */
export async function openExport(folder: string): Promise<ExportRunner> {
  const record = readExportRecord(folder);
  const opened = await open(folder, record);
  return {
    format: record.format,
    batchSize: record.batchSize,
    record,
    run: (inputs, samples) => runBatch(opened, record, inputs, samples),
    dispose: () => opened.dispose(),
  };
}

function open(folder: string, record: ExportRecord): Promise<Opened> {
  switch (record.format) {
    case 'savedmodel':
      return openSavedModel(folder, record);
    case 'onnx':
      return openOnnx(folder, record);
    case 'tfjs':
      return openTfjs(folder, record);
    case 'safetensors':
      return openSafetensors(folder);
  }
}

async function runBatch(
  opened: Opened,
  { batchSize, looksAtBatch, input, output }: ExportRecord,
  inputs: RawInputs,
  samples: number,
): Promise<Float32Array> {
  const each = elements(input.shape);
  if (inputs.length !== samples * each) {
    throw refused(`${inputs.length} numbers are no ${samples} samples of ${each}`);
  }
  const taken = batchSize ?? samples;
  if (samples > taken) throw refused(`it takes ${taken} samples at once, not ${samples}`);
  if (samples < taken && looksAtBatch) {
    throw refused(
      `it takes ${taken} samples at once, and without running statistics what it says depends on all of them`,
    );
  }
  const numbers = input.dtype === 'int32' ? Int32Array.from(inputs) : Float32Array.from(inputs);
  if (samples === taken) return opened.run(numbers, samples);
  const filled = input.dtype === 'int32' ? new Int32Array(taken * each) : new Float32Array(taken * each);
  filled.set(numbers);
  const said = await opened.run(filled, taken);
  return said.slice(0, samples * elements(output.shape));
}

/** How many numbers a sample has. */
const elements = ([, ...shape]: readonly (number | null)[]) =>
  shape.reduce<number>((product, length) => product * length!, 1);

const refused = (why: string) =>
  new LossnetError('LOSSNET_EXPORT_BATCH', `The exported model cannot run this batch: ${why}.`);
