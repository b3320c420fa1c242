import { join } from 'node:path';
import { readBytes } from '../../../base/read.js';
import { MODEL_FILES } from '../formats.js';
import { type Opened, unreadable } from '../opened.js';
import { loadOnnxRuntime } from '../package.js';
import type { ExportRecord } from '../record.js';

/** Opens an ONNX export with ONNX's own runtime. @throws LossnetError when that is not installed, or refuses the file */
export async function openOnnx(folder: string, { input, output }: ExportRecord): Promise<Opened> {
  const runtime = await loadOnnxRuntime();
  const file = join(folder, MODEL_FILES.onnx);
  // Errors are thrown; what else it has to say would stand among lossnet's own output.
  const session = await runtime.InferenceSession.create(readBytes(file), { logSeverityLevel: 4 }).catch(
    (error: unknown) => {
      throw unreadable(file, error);
    },
  );
  return {
    async run(inputs, samples) {
      const tensor = new runtime.Tensor(input.dtype, inputs, [
        samples,
        ...(input.shape.slice(1) as number[]),
      ]);
      const results = await session.run({ [input.name]: tensor });
      return results[output.name]!.data as Float32Array;
    },
    dispose: () => void session.release(),
  };
}
