/** How far the weights of every filter are moved, as a share of their length. */
export const DISTANCES: readonly number[] = [0.1, 0.25];
/** Random directions, each gone both ways. */
export const DIRECTIONS = 10;

/** How much the loss rises around a point. */
export interface Rise {
  /** How far the weights of every filter were moved, as a share of their length. */
  readonly distance: number;
  /** Mean over the directions. */
  readonly mean: number;
  /** Standard deviation between the directions. */
  readonly std: number;
}

/**
 * Makes a number of flat and sharp: how much the loss rises, on average, where the weights of every filter are moved by a share of
 * their length.
 *
 *     rise[k] = (L(w + distance * d[k]) + L(w - distance * d[k])) / 2 - L(w),   mean and std over k
 *
 * With directions that are normalised by filters it does not depend on the scale of weights before a norm, nor on how many there are.
 *
 * @param distance the share
 * @param centre L(w)
 * @param pairs the losses on both sides, for each direction; one that is not finite makes mean and std not finite
 * @returns mean and standard deviation (of a sample)
 */
export function riseOf(
  distance: number,
  centre: number,
  pairs: readonly (readonly [number, number])[],
): Rise {
  const rises = pairs.map(([ahead, behind]) => (ahead + behind) / 2 - centre);
  const mean = rises.reduce((sum, rise) => sum + rise, 0) / rises.length;
  const square = rises.reduce((sum, rise) => sum + (rise - mean) ** 2, 0);
  return { distance, mean, std: Math.sqrt(square / (rises.length - 1)) };
}
