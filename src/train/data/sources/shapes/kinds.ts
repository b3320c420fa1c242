/**
 * How far the point (x, y) lies from a shape's outline: negative inside, in units of the radius of the circle
 * around the shape. Only the neighbourhood of the outline need be exact: further away the sign is enough.
 */
export type SignedDistance = (x: number, y: number) => number;

export interface ShapeKind {
  readonly name: string;
  readonly distance: SignedDistance;
}

/**
 * The ten kinds, in the order of their class index. No two are rotations or mirror images of one another, so
 * turning and flipping an image never changes its class.
 *
 * Source of the construction by signed distances: Inigo Quilez, "2D distance functions",
 * https://iquilezles.org/articles/distfunctions2d/
 */
export const SHAPE_KINDS: readonly ShapeKind[] = [
  { name: 'bar', distance: (x, y) => box(x, y, 0.96, 0.24) },
  { name: 'circle', distance: (x, y) => disc(x, y, 0.85) },
  { name: 'corner', distance: (x, y) => Math.min(box(x + 0.45, y, 0.25, 0.7), box(x, y - 0.45, 0.7, 0.25)) },
  { name: 'crescent', distance: (x, y) => Math.max(disc(x, y, 0.95), -disc(x - 0.5, y, 0.75)) },
  { name: 'cross', distance: (x, y) => Math.min(box(x, y, 0.95, 0.22), box(x, y, 0.22, 0.95)) },
  { name: 'ring', distance: (x, y) => Math.abs(disc(x, y, 0.74)) - 0.21 },
  { name: 'semicircle', distance: (x, y) => Math.max(disc(x, y + 0.4, 0.95), -(y + 0.4)) },
  { name: 'square', distance: (x, y) => box(x, y, 0.7, 0.7) },
  { name: 'star', distance: star },
  { name: 'triangle', distance: (x, y) => Math.max(-y, 0.866 * x + 0.5 * y, -0.866 * x + 0.5 * y) - 0.5 },
];

function disc(x: number, y: number, radius: number): number {
  return Math.sqrt(x * x + y * y) - radius;
}

/** A rectangle by half its width and half its height. */
function box(x: number, y: number, halfWidth: number, halfHeight: number): number {
  return Math.max(Math.abs(x) - halfWidth, Math.abs(y) - halfHeight);
}

// Where a line from the centre through a notch of the star points: 36 degrees beside its upper tip.
const NOTCH_X = Math.sin(Math.PI / 5);
const NOTCH_Y = Math.cos(Math.PI / 5);
/** How far the notches between the tips lie from the centre; the tips lie at 1. */
const NOTCH = 0.42;
const EDGE = Math.sqrt((NOTCH * NOTCH_X) ** 2 + (1 - NOTCH * NOTCH_Y) ** 2);

/** A five-pointed star: mirrored into one half of its upper tip, its outline is a single straight edge. */
function star(x: number, y: number): number {
  let px = Math.abs(x);
  let py = y;
  const right = Math.max(NOTCH_Y * px - NOTCH_X * py, 0);
  px -= 2 * right * NOTCH_Y;
  py += 2 * right * NOTCH_X;
  const left = Math.max(-NOTCH_Y * px - NOTCH_X * py, 0);
  px += 2 * left * NOTCH_Y;
  py += 2 * left * NOTCH_X;
  px = Math.abs(px);
  return ((1 - NOTCH * NOTCH_Y) * px + NOTCH * NOTCH_X * (py - 1)) / EDGE;
}
