import type { OptimizerBlock } from '../../config/index.js';
import type { Path } from '../../train/paths/follow.js';
import type { Point, Surface } from '../../train/paths/surfaces.js';
import type { Surroundings } from '../surroundings.js';

/** How paths are walked. */
export interface PathsOptions extends Surroundings {
  /** What presets and grids are applied to. Default: `sgd`, without a schedule. */
  readonly config?: string | undefined;
  /** How many steps each path has. Default 200. */
  readonly steps?: number | undefined;
  /** Where paths begin. Default: the start of the surface. */
  readonly starts?: readonly Point[] | undefined;
  /** Walk with every learning rate of the ladder too, for a page in which they can be looked through. Default: only where none is named. */
  readonly ladder?: boolean | undefined;
  /** More variants than this are refused. Default 12. */
  readonly maxVariants?: number | undefined;
}

/** The paths of one variant with a learning rate, one from each start. */
export interface Walk {
  readonly lr: number;
  readonly paths: readonly Path[];
}

/** An optimizer as it was asked for, and its paths. */
export interface PathsVariant extends Walk {
  readonly name: string;
  readonly optimizer: OptimizerBlock;
  readonly schedule: string;
  /** Whether the learning rate was named; else it is the one of the ladder that got furthest. */
  readonly isLrNamed: boolean;
  /** With each learning rate of the ladder; empty: they were not tried. */
  readonly ladder: readonly Walk[];
}

/** What was walked on, and by whom. */
export interface Paths {
  readonly surface: Surface;
  readonly steps: number;
  readonly starts: readonly Point[];
  /** Of the noise. */
  readonly seed: number;
  readonly variants: readonly PathsVariant[];
}
