/** What the help of the command tells, apart from all that an export needs. */

/** What a model can be written as, the default first. */
export const EXPORT_FORMATS = ['savedmodel', 'onnx', 'tfjs', 'safetensors'] as const;

export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** The most samples at once: a SavedModel is tried out on as many, and more would need more memory than most machines have. */
export const MOST_SAMPLES = 65_536;

/** The file that a program loads, by format. */
export const MODEL_FILES: Readonly<Record<ExportFormat, string>> = {
  savedmodel: 'saved_model.pb',
  onnx: 'model.onnx',
  tfjs: 'model.json',
  safetensors: 'model.safetensors',
};
