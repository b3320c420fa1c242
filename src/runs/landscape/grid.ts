import type { State } from '../../train/landscape/directions.js';
import type { Plane } from '../../train/landscape/plane.js';
import type { Field } from './field.js';
import type { PlaneKind } from './result.js';

/** Around a path or runs, as a share of how far they reach. */
const MARGIN = 0.3;

/** The stretch of a plane that is measured. */
export interface PlaneView {
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
}

/** Random directions reach as far both ways; else all that is shown fits, with room around it, and no side is a mere strip. */
export function viewOf(
  kind: PlaneKind,
  places: readonly { readonly at: readonly [number, number] }[],
  range: number,
): PlaneView {
  if (kind === 'random') return { x: [-range, range], y: [-range, range] };
  const [xs, ys] = [0, 1].map((axis) => places.map(({ at }) => at[axis as 0 | 1]));
  const reach = (values: readonly number[]) => Math.max(...values) - Math.min(...values);
  const widest = Math.max(reach(xs!), reach(ys!));
  const around = (values: readonly number[]): [number, number] => {
    const middle = (Math.max(...values) + Math.min(...values)) / 2;
    const half = (Math.max(reach(values), widest / 2) / 2) * (1 + 2 * MARGIN) * range;
    return [middle - half, middle + half];
  };
  return { x: around(xs!), y: around(ys!) };
}

/** The first ones take longer: what runs them is still being made ready. */
const TIMED = 3;

/** @returns seconds of a point, the least of a few; null when told to stop */
export async function timedPoint(state: State, field: Field): Promise<number | null> {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < TIMED; i++) {
    const began = performance.now();
    if ((await field.at(state)) === null) return null;
    least = Math.min(least, performance.now() - began);
  }
  return least / 1000;
}

/** @returns the losses, row by row; null when told to stop */
export async function measureGrid(
  plane: Plane,
  { x, y }: PlaneView,
  resolution: number,
  field: Field,
  progress: () => void,
): Promise<number[] | null> {
  // In a symmetric view the middle is 0 exactly, and so the run itself.
  const along = ([from, to]: readonly [number, number], i: number) => {
    const share = (2 * i) / (resolution - 1) - 1;
    return (from + to) / 2 + (share * (to - from)) / 2;
  };
  const values: number[] = [];
  for (let row = 0; row < resolution; row++) {
    for (let column = 0; column < resolution; column++) {
      const loss = await field.at(plane.point(along(x, column), along(y, row)));
      if (loss === null) return null;
      values.push(loss);
      progress();
    }
  }
  return values;
}
