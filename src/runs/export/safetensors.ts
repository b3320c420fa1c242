import { join } from 'node:path';
import { loadConfig, planRun } from '../../config/index.js';
import { loadTensorFlow } from '../../train/backend/tensorflow.js';
import type { Parameter } from '../../train/model/parameter.js';
import { loadWeights, stateDict } from '../../train/model/weights.js';
import { encodeSafetensors } from '../../train/safetensors.js';
import { RunFolder } from '../store/folder.js';
import { recordedSpec } from '../store/preprocessing.js';
import type { Opened } from './opened.js';
import { MODEL_FILES } from './record.js';
import { said } from './reference.js';

/** The weights under the names that PyTorch's `state_dict` has for them, as checkpoints have them. */
export function encodeWeights(state: readonly Parameter[]): Buffer {
  return encodeSafetensors({ tensors: stateDict(state), metadata: { format: 'pt' } });
}

/** Opens weights with lossnet itself: the model is the one of the configuration beside them. */
export async function openSafetensors(folder: string): Promise<Opened> {
  await loadTensorFlow();
  const files = new RunFolder(folder);
  const resolved = loadConfig({ file: files.config, isRecord: true });
  const { model, config, spec } = planRun(resolved, false, recordedSpec(files));
  loadWeights(model.state, join(folder, MODEL_FILES.safetensors));
  return {
    run: async (inputs, samples) => said(model, config.transforms, spec, inputs, samples),
    dispose: () => model.dispose(),
  };
}
