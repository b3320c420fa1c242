import type { Plan } from '../../config/index.js';
import { tensorflow } from '../../train/backend/tensorflow.js';
import { pixelTables, writePixels } from '../../train/data/transforms.js';
import { engineDimensions } from '../../train/model/shape.js';
import { loadWeights } from '../../train/model/weights.js';
import type { Surroundings } from '../surroundings.js';
import { startTensorFlow } from '../train/prepare.js';
import type { Trained } from './open.js';

/** Samples before they are scaled: bytes of images, features, or tokens, one sample after the other. */
export type RawInputs = Uint8Array | Float32Array | Int32Array;

/** A trained model that says what it thinks of samples. */
export interface Predictor {
  /** How many it takes at once; null: any number. */
  readonly batchSize: number | null;
  /**
   * @param inputs of some samples
   * @param samples how many
   * @returns for each its logits, or its values in their own units, one after the other
   */
  outputs(inputs: RawInputs, samples: number): Promise<Float32Array>;
  /** Frees what it holds. */
  dispose(): void;
}

/**
 * Loads a model's weights, to be run one op at a time.
 *
 * @param trained the model
 * @param plan made of its configuration
 * @param batchSize how many samples will come at once, as a rule
 * @param surroundings told when TensorFlow has to be provided first
 * @returns the model, ready
 * @throws LossnetError when its weights are damaged, or do not fit it
 */
export async function loadPredictor(
  { weights, preprocessing }: Trained,
  plan: Plan,
  batchSize: number,
  surroundings: Surroundings,
): Promise<Predictor> {
  const { model, config } = plan;
  await startTensorFlow(plan, batchSize, 'eager', surroundings);
  loadWeights(model.state, weights);
  const tf = tensorflow();
  const { input, target } = preprocessing.spec;
  const shape = engineDimensions(input);
  const tables = input.kind === 'image' ? pixelTables(input.channels, config.transforms) : null;
  return {
    batchSize: null,
    async outputs(inputs, samples) {
      const seen = tables === null ? inputs : new Float32Array(inputs.length);
      if (tables !== null) writePixels(seen as Float32Array, inputs as Uint8Array, tables);
      const outputs = tf.tidy(() => {
        const pass = { training: false, batchKey: tf.tensor1d([0, 0], 'int32'), update: () => {} };
        return model.forward(tf.tensor(seen, [samples, ...shape]), pass).dataSync() as Float32Array;
      });
      return target.kind === 'value' ? inUnits(outputs, target) : outputs;
    },
    dispose: () => model.dispose(),
  };
}

/** y = output * std + mean, where the model says (y - mean) / std. */
function inUnits(
  outputs: Float32Array,
  { mean, std }: { readonly mean?: readonly number[]; readonly std?: readonly number[] | null },
): Float32Array {
  if (!mean || !std) return outputs;
  return outputs.map((value, i) => value * std[i % std.length]! + mean[i % mean.length]!);
}
