import type { Surroundings } from '../surroundings.js';
import type { Weights } from '../trained/find.js';
import type { Flatness } from './flatness.js';

/** Which plane is looked at. */
export type PlaneKind = 'random' | 'path' | 'runs';

export const PLANE_KINDS: readonly PlaneKind[] = ['random', 'path', 'runs'];

/** What is measured. */
export interface LandscapeOptions extends Surroundings {
  /**
   * random: two random directions; path: those in which the run went furthest, which trains it once more; runs: that of several runs.
   * Default: runs for several, else random.
   */
  readonly plane?: PlaneKind | undefined;
  /** Which checkpoint of each run. Default: the best. */
  readonly weights?: Weights | undefined;
  /** Which samples. Default: val, those that chose the best epoch. */
  readonly part?: 'val' | 'test' | 'train' | undefined;
  /** Points across and up, an odd number. Default 21. */
  readonly resolution?: number | undefined;
  /** How far to go: in random directions 1 is as far as the weights of each filter are long; else, around what is shown. Default 1. */
  readonly range?: number | undefined;
  /** Of the random directions. Default 0. */
  readonly seed?: number | undefined;
  /** Values in the place of those of the configuration, such as `evaluation.limit=500`. */
  readonly overrides?: readonly string[] | undefined;
  /** Told before what takes long. */
  readonly onBegin?: ((forecast: Forecast) => void) | undefined;
}

/** What a measurement will take. */
export interface Forecast {
  readonly points: number;
  readonly samples: number;
  /** Of a point that was measured. */
  readonly secondsPerPoint: number;
  /** Of weights and directions that are held. */
  readonly bytes: number;
}

/** A run in a landscape. */
export interface LandscapeRun {
  readonly path: string;
  readonly name: string;
  readonly at: readonly [x: number, y: number];
  /** How far it lies from the plane; 0: in it. */
  readonly off: number;
  /** Loss with its own weights. */
  readonly loss: number;
  readonly flatness: Flatness;
}

/** A run of which only how flat it is was measured. */
export interface FlatRun extends Pick<LandscapeRun, 'path' | 'name' | 'loss' | 'flatness'> {
  /** The file of the run that it is kept in; null: it is of other samples, or could not be written. */
  readonly kept: string | null;
}

/** The way of a run over the plane. */
export interface LandscapePath {
  readonly points: readonly {
    readonly epoch: number;
    readonly at: readonly [x: number, y: number];
    /** How far it was from the plane. */
    readonly off: number;
    /** What the run recorded there, on the samples that chose the best epoch. */
    readonly evalLoss: number | null;
  }[];
  /** How many evaluation samples the recorded losses are of; null: that is not on record. */
  readonly recordedSamples: number | null;
  readonly isExact: boolean;
  readonly largestDifference: number;
}

/** The loss over a plane through trained weights. */
export interface Landscape {
  readonly plane: PlaneKind;
  /** Which share of what the points differ by lies in each direction; null: they are random. */
  readonly shares: readonly [number | null, number | null];
  readonly x: readonly [from: number, to: number];
  readonly y: readonly [from: number, to: number];
  readonly resolution: number;
  /** Row by row, the first at the least y. */
  readonly values: readonly number[];
  readonly runs: readonly LandscapeRun[];
  readonly path: LandscapePath | null;
  readonly part: 'val' | 'test' | 'train' | 'other';
  readonly data: {
    readonly name: string;
    readonly sha256: string;
    readonly standsInFor?: string | undefined;
  };
  readonly samples: number;
  readonly seed: number;
  /** Batch norm's statistics: there are none, they are those of the run everywhere, or they move along with the weights. */
  readonly statistics: 'none' | 'fixed' | 'moving';
}
