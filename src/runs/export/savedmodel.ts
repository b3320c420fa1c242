import { join } from 'node:path';
import { loadTensorFlow, type NamedTensorMap } from '../../train/backend/tensorflow.js';
import { MODEL_FILES } from './formats.js';
import { type Opened, unreadable } from './opened.js';
import type { ExportRecord } from './record.js';

/** Opens a SavedModel with TensorFlow. @throws LossnetError when TensorFlow refuses it */
export async function openSavedModel(folder: string, { input, output }: ExportRecord): Promise<Opened> {
  const tf = await loadTensorFlow();
  const model = await tf.node.loadSavedModel(folder).catch((error: unknown) => {
    throw unreadable(join(folder, MODEL_FILES.savedmodel), error);
  });
  return {
    async run(inputs, samples) {
      return tf.tidy(() => {
        const shape = [samples, ...(input.shape.slice(1) as number[])];
        const said = model.predict({ [input.name]: tf.tensor(inputs, shape, input.dtype) });
        return (said as NamedTensorMap)[output.name]!.dataSync() as Float32Array;
      });
    },
    dispose: () => model.dispose(),
  };
}
