import type { Dataset, DatasetIdentity, OfficialSplit } from '../../dataset.js';
import type { Preprocessing } from '../../preprocessing.js';
import type { DataSource } from '../../source.js';
import { generateShapes, SHAPES_SPEC } from './draw.js';

/** Shapes, made in memory. */
export interface ShapesOptions {
  readonly type: 'shapes';
  /** Number of training images. Default 5,000. */
  readonly trainSize?: number;
  /** Number of evaluation images. Default 1,000. */
  readonly evalSize?: number;
  /** Seed of the images, apart from the seed of the run. Default 0. */
  readonly seed?: number;
}

const DEFAULT_SIZE: Readonly<Record<OfficialSplit, number>> = { train: 5_000, test: 1_000 };
const DEFAULT_SEED = 0;

/** Pictures of ten kinds of shapes: the data set that needs nothing. See `generateShapes`. */
export function shapes({
  trainSize = DEFAULT_SIZE.train,
  evalSize = DEFAULT_SIZE.test,
  seed = DEFAULT_SEED,
}: ShapesOptions): DataSource {
  return {
    spec: SHAPES_SPEC,
    load: async () => ({
      train: generateShapes({ seed, split: 'train', size: trainSize }),
      eval: generateShapes({ seed, split: 'test', size: evalSize }),
      warnings: [],
    }),
    recall: async ({ split, records }) => generateShapes({ seed, split, size: records }),
  };
}

/** What shapes are, for a run that is to record it. */
export const SHAPES: Preprocessing = { spec: SHAPES_SPEC, inputs: null };

/** Shapes in place of a data set that is not there. */
export function standIn(split: OfficialSplit, standsInFor: string): Dataset {
  return generateShapes({ seed: DEFAULT_SEED, split, size: DEFAULT_SIZE[split], standsInFor });
}

/** The same again, as a run recorded them. */
export function standInAgain({ split, records, standsInFor }: DatasetIdentity): Dataset {
  return generateShapes({
    seed: DEFAULT_SEED,
    split,
    size: records,
    ...(standsInFor !== undefined && { standsInFor }),
  });
}
