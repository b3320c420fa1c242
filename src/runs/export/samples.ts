import { LossnetError } from '../../base/errors.js';
import { evaluationLoader, type Plan } from '../../config/index.js';
import type { DataSpec } from '../../train/data/dataset.js';
import { recallDataset } from '../../train/data/source.js';
import { dimensions } from '../../train/model/shape.js';
import { RandomStream } from '../../train/random.js';
import { identityOf, type RunRecord } from '../store/read.js';
import type { Surroundings } from '../surroundings.js';
import type { RawInputs } from '../trained/predictor.js';

/** An export is tried out on so many. */
const SAMPLES = 100;

/** Samples that an export is tried out on. */
export interface Samples {
  /** Those that the run was evaluated on, or random ones of the same kind. */
  readonly kind: 'evaluation' | 'random';
  readonly count: number;
  readonly inputs: RawInputs;
}

/**
 * The first hundred samples that the run was evaluated on, where they are still there and still the same; else random ones, the
 * same at each call.
 *
 * @param run whose
 * @param plan its model and its data
 * @param surroundings its environment may name the folder of the data
 */
export async function samplesFor(run: RunRecord, plan: Plan, surroundings: Surroundings): Promise<Samples> {
  return (await evaluated(run, plan, surroundings)) ?? random(plan.spec, plan.config.seed);
}

/**
 * Cuts samples into batches.
 *
 * @param samples all of them
 * @param batchSize how many at once; null: all. The last batch is filled up with the first samples
 * @yields the inputs of a batch, and how many samples it has
 */
export function* batchesOf(
  { inputs, count }: Samples,
  batchSize: number | null,
): Generator<[RawInputs, number]> {
  const size = batchSize ?? count;
  const each = inputs.length / count;
  for (let first = 0; first < count; first += size) {
    const batch = emptyLike(inputs, size * each);
    for (let at = 0; at < batch.length; ) {
      const from = at === 0 ? first * each : 0;
      const part = inputs.subarray(from, from + Math.min(inputs.length - from, batch.length - at));
      batch.set(part, at);
      at += part.length;
    }
    yield [batch, size];
  }
}

/** @returns zeros of the same type */
export function emptyLike(inputs: RawInputs, length: number): RawInputs {
  if (inputs instanceof Uint8Array) return new Uint8Array(length);
  return inputs instanceof Int32Array ? new Int32Array(length) : new Float32Array(length);
}

/** null: they are not there, or are others by now. */
async function evaluated(run: RunRecord, plan: Plan, { env }: Surroundings): Promise<Samples | null> {
  const identity = identityOf(run, 'eval');
  if (identity === null) return null;
  const root = env?.LOSSNET_DATA;
  try {
    const dataset = await recallDataset(plan.source, identity, root ? [root] : []);
    if (dimensions(dataset.spec.input).join() !== dimensions(plan.spec.input).join()) return null;
    const { config } = plan;
    const evaluation = { ...config.evaluation, batchSize: SAMPLES };
    const [batch] = evaluationLoader({ ...config, evaluation }, dataset, SAMPLES).epoch(0);
    const { bytes, inputs, size } = batch!;
    return { kind: 'evaluation', count: size, inputs: bytes ?? inputs };
  } catch (error) {
    if (error instanceof LossnetError) return null;
    throw error;
  }
}

function random({ input }: DataSpec, seed: number): Samples {
  const stream = new RandomStream(seed, 'export');
  const length = SAMPLES * dimensions(input).reduce((product, size) => product * size, 1);
  const draw = (next: () => number) => Array.from({ length }, next);
  const inputs = (): RawInputs => {
    switch (input.kind) {
      case 'image':
        return Uint8Array.from(draw(() => stream.integer(256)));
      case 'features':
        return Float32Array.from(draw(() => stream.normal()));
      case 'tokens':
        return Int32Array.from(draw(() => stream.integer(input.vocabulary)));
    }
  };
  return { kind: 'random', count: SAMPLES, inputs: inputs() };
}
