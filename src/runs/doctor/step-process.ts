import { LossnetError } from '../../base/errors.js';
import { type ConfigInput, loadConfig } from '../../config/index.js';
import { tensorflowVersions } from '../../train/backend/tensorflow.js';
import { dryRun } from '../train/dry-run.js';
import type { StepMessage } from './step.js';

/** The program of a process of its own, in which a training step is tried: what TensorFlow does not survive ends it alone. */
const CONFIG: ConfigInput = {
  name: 'doctor',
  epochs: 1,
  dataset: { type: 'shapes', train_size: 16, eval_size: 16 },
  loader: { batch_size: 16 },
  model: [
    { type: 'conv2d', out_channels: 8, kernel_size: 3, padding: 1 },
    { type: 'batch_norm2d' },
    { type: 'relu' },
    { type: 'max_pool2d', kernel_size: 4 },
    { type: 'flatten' },
    { type: 'linear', out_features: 10 },
  ],
  optimizer: { type: 'adam' },
};

const say = (message: StepMessage): void => void process.send?.(message);

try {
  const config = loadConfig({ config: CONFIG, file: 'doctor' });
  const onProgress = (notice: { readonly type: string; readonly text?: string }): void => {
    if (notice.type === 'message' && notice.text !== undefined) say({ type: 'progress', text: notice.text });
  };
  const result = await dryRun(config, { onProgress });
  if (result === null) throw new Error('it was told to stop');
  const { loss, stepSeconds } = result;
  say({ type: 'done', loss, stepSeconds, ...tensorflowVersions() });
} catch (error) {
  const { code, message, remedy } =
    error instanceof LossnetError
      ? error
      : { code: 'LOSSNET_DEFECT', message: String(error), remedy: undefined };
  say({ type: 'failed', code, message, remedy });
}
process.disconnect?.();
