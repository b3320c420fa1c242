import { setImmediate as nextTurn } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { UsageError } from '../../base/errors.js';
import type { Problem } from '../../config/index.js';
import { nearest } from '../../config/validate/spelling.js';
import { loadTensorFlow } from '../../train/backend/tensorflow.js';
import { follow } from '../../train/paths/follow.js';
import {
  type Point,
  SURFACE_NAMES,
  SURFACES,
  type Surface,
  type SurfaceName,
} from '../../train/paths/surfaces.js';
import { problemOf } from '../compare/plan/request.js';
import { isStopped, tell } from '../surroundings.js';
import { checkWhole } from '../whole-number.js';
import { type PlannedVariant, planPaths } from './plan.js';
import type { Paths, PathsOptions, PathsVariant, Walk } from './result.js';

/** Learning rates that are tried where none is named, and that a page lets one look through. */
export const LADDER: readonly number[] = [
  1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2,
];
const MOST_STEPS = 10_000;

/**
 * Lets optimizers walk over a surface of two variables, with the code that trains networks. Where no learning rate is named, each
 * gets the one of a ladder that brings it to the goal soonest; else nearest to it.
 *
 * @param name of the surface
 * @param what presets, configurations, `key=a,b` and `key=value`, as `compare` takes them; none: sgd, momentum, rmsprop, adam
 * @param options steps, starts, and whether to walk with each learning rate of the ladder
 * @returns the paths; null when it was told to stop
 * @throws ConfigError with all that is wrong with the surface and the variants; UsageError for a start or a number of steps that
 * cannot be
 */
export async function paths(
  name: string,
  what: readonly string[],
  options: PathsOptions = {},
): Promise<Paths | null> {
  const { steps = 200, maxVariants = 12, ladder = false } = options;
  checkWhole('steps', steps, 1, MOST_STEPS);
  const found = SURFACE_NAMES.find((own): own is SurfaceName => own === name);
  const planning = { ...options, config: options.config, steps, maxVariants };
  const planned = planPaths(what, planning, found === undefined ? [noSurface(name)] : []);
  const surface = SURFACES[found!];
  const starts = options.starts?.length ? options.starts : [surface.start];
  refuseStarts(surface, starts);
  await loadTensorFlow((text) => tell(options, { type: 'message', text }));
  const seed = planned[0]!.yaml.seed;
  const variants: PathsVariant[] = [];
  for (const variant of planned) {
    const walk = async (lr: number): Promise<Walk | null> => {
      const walked = [];
      for (const start of starts) {
        await nextTurn(); // A signal is heard between two paths.
        if (isStopped(options)) return null;
        walked.push(follow(surface, variant.walker(lr), start, { steps, seed }));
      }
      return { lr, paths: walked };
    };
    const found = await walkAll(variant, walk, ladder);
    if (found === null) return null;
    variants.push(found);
  }
  return { surface, steps, starts, seed, variants };
}

async function walkAll(
  { name, yaml, isLrNamed, lr }: PlannedVariant,
  walk: (lr: number) => Promise<Walk | null>,
  ladder: boolean,
): Promise<PathsVariant | null> {
  const tried: Walk[] = [];
  for (const rate of ladder || !isLrNamed ? LADDER : []) {
    const walked = await walk(rate);
    if (walked === null) return null;
    tried.push(walked);
  }
  const own = isLrNamed
    ? await walk(lr)
    : tried.reduce((best, other) => (isSooner(other, best) ? other : best));
  if (own === null) return null;
  const about = { name, optimizer: yaml.optimizer, schedule: yaml.schedule.type, isLrNamed };
  return { ...about, ...own, ladder: tried };
}

/**
 * @param variant with the learning rates that were tried
 * @returns whether none was named and all came to the same end, as from a point without a slope: none is better than another
 */
export function endsAlike({ isLrNamed, ladder: [first, ...others] }: PathsVariant): boolean {
  const endsOf = ({ paths: walked }: Walk) =>
    walked.map(({ points, reachedAt, divergedAt }) => [points.at(-1), reachedAt, divergedAt]);
  if (isLrNamed || first === undefined) return false;
  return others.every((walk) => isDeepStrictEqual(endsOf(walk), endsOf(first)));
}

/** More paths at the goal, then fewer steps to it; where none gets there, the lower end. */
function isSooner(a: Walk, b: Walk): boolean {
  const arrived = ({ paths: own }: Walk) => own.filter(({ reachedAt }) => reachedAt !== null);
  const [ofA, ofB] = [arrived(a), arrived(b)];
  if (ofA.length !== ofB.length) return ofA.length > ofB.length;
  if (ofA.length === 0) return ends(a) < ends(b);
  const total = (own: typeof ofA) => own.reduce((sum, { reachedAt }) => sum + reachedAt!, 0);
  return total(ofA) < total(ofB);
}

/** One that diverged ends nowhere. */
const ends = ({ paths: own }: Walk) =>
  own.reduce(
    (sum, { values, divergedAt }) => sum + (divergedAt === null ? values.at(-1)! : Number.POSITIVE_INFINITY),
    0,
  );

function noSurface(name: string): Problem {
  const meant = nearest(name, SURFACE_NAMES);
  const help = meant === undefined ? [] : [`did you mean \`${meant}\`?`];
  return problemOf({ text: name, index: 0 }, `there is no surface \`${name}\``, [
    ...help,
    `surfaces: ${SURFACE_NAMES.join(', ')}`,
  ]);
}

/** A path from far outside would show nothing. */
function refuseStarts({ name, view }: Surface, starts: readonly Point[]): void {
  const isInside = ([x, y]: Point) => x >= view.x[0] && x <= view.x[1] && y >= view.y[0] && y <= view.y[1];
  const outside = starts.filter((start) => !isInside(start));
  if (outside.length === 0) return;
  throw new UsageError(
    'LOSSNET_USAGE',
    `The start ${outside.map((start) => start.join(',')).join(' and ')} does not lie on what is drawn of ${name}.`,
    `Begin with x from ${view.x.join(' to ')} and y from ${view.y.join(' to ')}.`,
  );
}
