import { join } from 'node:path';
import { loadConverter, loadTensorFlow, type TensorFlow } from '../../../train/backend/tensorflow.js';
import { MODEL_FILES } from '../formats.js';
import { type Opened, unreadable } from '../opened.js';
import type { ExportRecord } from '../record.js';

/**
 * Opens a tfjs export on tfjs's backend of plain JavaScript, which is the one that is everywhere alike: in a browser WebGL would
 * round more coarsely.
 *
 * @throws LossnetError when tfjs refuses a file
 */
export async function openTfjs(folder: string, { input, output }: ExportRecord): Promise<Opened> {
  const tf = await loadTensorFlow();
  const file = join(folder, MODEL_FILES.tfjs);
  const model = await load(tf, file).catch((error: unknown) => {
    throw unreadable(file, error);
  });
  return {
    async run(inputs, samples) {
      return onCpu(tf, () =>
        tf.tidy(() => {
          const shape = [samples, ...(input.shape.slice(1) as number[])];
          const said = model.execute({ [input.name]: tf.tensor(inputs, shape, input.dtype) }, output.name);
          return (Array.isArray(said) ? said[0]! : said).dataSync() as Float32Array;
        }),
      );
    },
    dispose: () => model.dispose(),
  };
}

async function load(tf: TensorFlow, file: string) {
  const artifacts = await tf.io.fileSystem(file).load!();
  const { loadGraphModelSync } = loadConverter();
  return onCpu(tf, () => loadGraphModelSync(artifacts));
}

/** Nothing else runs meanwhile: the backend is that of the whole process. */
function onCpu<T>(tf: TensorFlow, run: () => T): T {
  const before = tf.getBackend();
  const isProduction = tf.env().getBool('PROD');
  // Else it advises, at first use, to install what is in use otherwise.
  tf.env().set('PROD', true);
  void tf.setBackend('cpu');
  try {
    return run();
  } finally {
    void tf.setBackend(before);
    tf.env().set('PROD', isProduction);
  }
}
