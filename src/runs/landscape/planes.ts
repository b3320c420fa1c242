import {
  combination,
  type Direction,
  difference,
  dot,
  randomDirection,
  type State,
} from '../../train/landscape/directions.js';
import { Plane } from '../../train/landscape/plane.js';
import { principal } from '../../train/landscape/principal.js';
import type { Parameter } from '../../train/model/parameter.js';
import { RandomStream } from '../../train/random.js';

/** A plane, and how it came about. */
export interface MadePlane {
  readonly plane: Plane;
  readonly shares: readonly [number | null, number | null];
}

interface Space {
  readonly parameters: readonly Parameter[];
  readonly trainable: readonly Parameter[];
  readonly seed: number;
}

const streamOf = (seed: number, axis: 'x' | 'y') => (name: string) =>
  new RandomStream(seed, 'landscape', 'plane', axis, name);

/** Two random directions around a state. */
export function randomPlane(origin: State, { trainable, seed }: Space): MadePlane {
  const [x, y] = (['x', 'y'] as const).map((axis) =>
    randomDirection(trainable, origin, streamOf(seed, axis)),
  );
  return { plane: new Plane(origin, x!, y!, namesOf(trainable)), shares: [null, null] };
}

/**
 * The plane in which states differ most: of three, the one that they lie in. What of the states is no parameter, such as batch norm's
 * statistics, moves along with the weights, so that a state in the plane is there with its own.
 *
 * @param states the first is the origin, or `origin` names another
 * @param space what is measured, and the seed of a second direction where all lie on a line
 * @returns the plane, with unit directions; null when all states are the same
 */
export function principalPlane(states: readonly State[], origin: State, space: Space): MadePlane | null {
  const names = namesOf(space.parameters);
  const points = states.map((state) => difference(state, origin));
  if (points.every((point) => dot(point, point, names) === 0)) return null;
  const { directions, shares } = principal(points, names);
  const [first, second] = directions;
  if (second !== null) return { plane: new Plane(origin, first, second, names), shares };
  return {
    plane: new Plane(origin, first, across(first, origin, space), names),
    shares: [shares[0], null],
  };
}

/** A random unit direction at a right angle to another. */
function across(first: Direction, origin: State, { trainable, parameters, seed }: Space): Direction {
  const names = namesOf(parameters);
  const random = randomDirection(trainable, origin, streamOf(seed, 'y'));
  const upright = combination([random, only(first, names)], [1, -dot(random, first, names)]);
  return combination([upright], [1 / Math.sqrt(dot(upright, upright, names))]);
}

/** Statistics would move along with what is taken away. */
const only = (direction: Direction, names: readonly string[]): Direction =>
  new Map([...direction].filter(([name]) => names.includes(name)));

const namesOf = (parameters: readonly Parameter[]) => parameters.map(({ name }) => name);
