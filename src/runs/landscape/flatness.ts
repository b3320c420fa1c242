import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomically } from '../../base/files.js';
import { exists, readTextIfThere } from '../../base/read.js';
import { randomDirection } from '../../train/landscape/directions.js';
import { DIRECTIONS, DISTANCES, type Rise, riseOf } from '../../train/landscape/flatness.js';
import { Plane } from '../../train/landscape/plane.js';
import { RandomStream } from '../../train/random.js';
import { checked, damaged, parseJson } from '../store/damage.js';
import type { Field } from './field.js';
import { type Subject, shaOf } from './subject.js';

/** How flat it is around a run's weights, and of what that is. */
export interface Flatness {
  readonly weightsFile: string;
  readonly weightsSha256: string;
  /** The samples: SHA-256 of their part, and how many. */
  readonly dataSha256: string;
  readonly samples: number;
  readonly seed: number;
  readonly directions: number;
  /** Loss at the weights themselves. */
  readonly loss: number;
  readonly rises: readonly Rise[];
}

/** How many losses it takes besides that of the weights themselves. */
export const FLATNESS_POINTS = 2 * DIRECTIONS * DISTANCES.length;

const numberOrNull = z.number().nullable();

const schema = z.object({
  weights_file: z.string(),
  weights_sha256: z.string(),
  data_sha256: z.string(),
  samples: z.int().min(1),
  seed: z.int().min(0),
  directions: z.int().min(2),
  loss: numberOrNull,
  rises: z.array(z.object({ distance: z.number(), mean: numberOrNull, std: numberOrNull })).min(1),
});

/** Where a run keeps how flat it is. */
export const flatnessFile = (folder: string): string => join(folder, 'flatness.json');

/**
 * Measures how much the loss rises around a run's weights.
 *
 * @param subject the run
 * @param field its loss
 * @param about seed of the directions, and the loss at the weights themselves
 * @param onPoint told after each loss
 * @returns what was found; null when told to stop. The model has the run's own weights again
 */
export async function measureFlatness(
  subject: Subject,
  field: Field,
  { seed, loss }: { readonly seed: number; readonly loss: number },
  onPoint: () => void,
): Promise<Flatness | null> {
  const { state, trained, weightsSha256 } = subject;
  const pairs = DISTANCES.map(() => [] as [number, number][]);
  for (let k = 0; k < DIRECTIONS; k++) {
    const stream = (name: string) => new RandomStream(seed, 'landscape', 'flatness', k, name);
    const direction = randomDirection(field.trainable, state, stream);
    const line = new Plane(state, direction, new Map(), []);
    for (const [i, distance] of DISTANCES.entries()) {
      const losses: number[] = [];
      for (const x of [distance, -distance]) {
        const found = await field.at(line.point(x, 0));
        if (found === null) return null;
        losses.push(found);
        onPoint();
      }
      pairs[i]!.push([losses[0]!, losses[1]!]);
    }
  }
  return {
    weightsFile: trained.weights.replace(/^.*[/\\]/, ''),
    weightsSha256,
    dataSha256: field.identity.sha256,
    samples: field.samples,
    seed,
    directions: DIRECTIONS,
    loss,
    rises: DISTANCES.map((distance, i) => riseOf(distance, loss, pairs[i]!)),
  };
}

/** Writes what was found into the folder of a run, whole or not at all. @throws LossnetError when it cannot be written */
export function writeFlatness(folder: string, found: Flatness): void {
  const { weightsFile, weightsSha256, dataSha256, ...rest } = found;
  const record = {
    weights_file: weightsFile,
    weights_sha256: weightsSha256,
    data_sha256: dataSha256,
    ...rest,
  };
  writeFileAtomically(flatnessFile(folder), `${JSON.stringify(record, null, 2)}\n`);
}

/**
 * @param folder of a run
 * @returns how flat it is around the run's weights; null where nobody measured it, or the weights are others by now
 * @throws LossnetError when what was kept is damaged
 */
export function readFlatness(folder: string): Flatness | null {
  const file = flatnessFile(folder);
  const text = readTextIfThere(file);
  if (text === null) return null;
  const finite = (value: number | null) => value ?? Number.NaN;
  try {
    const { weights_file, weights_sha256, data_sha256, loss, rises, ...rest } = checked(
      parseJson(text),
      schema,
    );
    const weights = join(folder, 'checkpoints', weights_file.replace(/^.*[/\\]/, ''));
    if (!exists(weights) || shaOf(weights) !== weights_sha256) return null;
    return {
      ...rest,
      weightsFile: weights_file,
      weightsSha256: weights_sha256,
      dataSha256: data_sha256,
      loss: finite(loss),
      rises: rises.map(({ distance, mean, std }) => ({ distance, mean: finite(mean), std: finite(std) })),
    };
  } catch (error) {
    throw damaged(file, error, `Measure it anew with: lossnet landscape ${folder} --flatness`);
  }
}
