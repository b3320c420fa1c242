import type { Plan } from '../../config/index.js';
import type { Surroundings } from '../surroundings.js';
import type { Trained } from '../trained/open.js';
import { loadPredictor, type Predictor, type RawInputs } from '../trained/predictor.js';
import { openExport } from './run.js';

/**
 * Any trained model, ready to predict: of a run with its weights, an exported one as another program runs it.
 *
 * @param trained the model
 * @param plan made of its configuration
 * @param batchSize how many samples will come at once, as a rule
 * @param surroundings told when TensorFlow has to be provided first
 * @returns the model
 * @throws LossnetError when its weights are damaged, or the package that runs it is missing
 */
export async function predictorOf(
  trained: Trained,
  plan: Plan,
  batchSize: number,
  surroundings: Surroundings,
): Promise<Predictor> {
  if (trained.found.kind === 'run') return await loadPredictor(trained, plan, batchSize, surroundings);
  const runner = await openExport(trained.found.folder);
  return {
    batchSize: runner.batchSize,
    outputs: (inputs, samples) => runner.run(inputs, samples),
    dispose: () => runner.dispose(),
  };
}

/**
 * @param predictor a model that may take so many samples at once
 * @param inputs of any number of samples
 * @param samples how many
 * @returns what it says of all of them
 */
export async function outputsOf(
  predictor: Predictor,
  inputs: RawInputs,
  samples: number,
): Promise<Float32Array> {
  const most = predictor.batchSize ?? samples;
  const each = inputs.length / samples;
  const parts: Float32Array[] = [];
  for (let first = 0; first < samples; first += most) {
    const last = Math.min(first + most, samples);
    parts.push(await predictor.outputs(inputs.subarray(first * each, last * each), last - first));
  }
  if (parts.length === 1) return parts[0]!;
  const whole = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
