import { join } from 'node:path';
import { planRun } from '../../config/index.js';
import type { Parameter } from '../../train/model/parameter.js';
import { stateDict } from '../../train/model/weights.js';
import { encodeSafetensors } from '../../train/safetensors.js';
import { openTrained } from '../trained/open.js';
import { loadPredictor } from '../trained/predictor.js';
import { MODEL_FILES } from './formats.js';
import type { Opened } from './opened.js';

/** The weights under the names that PyTorch's `state_dict` has for them, as checkpoints have them. */
export function encodeWeights(state: readonly Parameter[]): Buffer {
  return encodeSafetensors({ tensors: stateDict(state), metadata: { format: 'pt' } });
}

/** Opens weights with lossnet itself: the model is the one of the configuration beside them. */
export async function openSafetensors(folder: string): Promise<Opened> {
  const trained = openTrained(folder);
  const { resolved, preprocessing } = trained;
  const plan = planRun(resolved, false, preprocessing.spec);
  const weights = join(folder, MODEL_FILES.safetensors);
  const predictor = await loadPredictor({ ...trained, weights }, plan, plan.config.evaluation.batchSize, {});
  return {
    run: (inputs, samples) => predictor.outputs(inputs, samples),
    dispose: () => predictor.dispose(),
  };
}
