import { combination, type Direction, dot } from './directions.js';

/** The two directions in which points differ most. */
export interface Principal {
  /** Unit vectors; the second null where all points lie on a line. */
  readonly directions: readonly [Direction, Direction | null];
  /** Which share of what the points differ by lies in each. */
  readonly shares: readonly [number, number];
}

/** Below this share of the largest, a variance is what rounding leaves. */
const NOTHING = 1e-12;
const MOST_SWEEPS = 60;

/**
 * Principal components of a few points in a space of many dimensions, from the products of the points with each other:
 *
 *     X = points - their mean,   X Xᵀ = U Λ Uᵀ,   direction k = Xᵀ u[k] / sqrt(λ[k]),   share k = λ[k] / sum of all λ
 *
 * As scikit-learn's PCA; each direction points to the side on which the first point lies.
 *
 * @param points two or more, not all the same
 * @param names of the tensors that distances are of; others move along in the same proportions
 * @returns the first two components
 * @throws Error when all points are the same
 * @source https://scikit-learn.org/stable/modules/generated/sklearn.decomposition.PCA.html; for paths: Li et al., "Visualizing the
 * loss landscape of neural nets", 2018, section 7
 */
export function principal(points: readonly Direction[], names: readonly string[]): Principal {
  const n = points.length;
  const products = points.map((a, i) => points.map((b, j) => (j < i ? 0 : dot(a, b, names))));
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) products[i]![j] = products[j]![i]!;
  const means = products.map((row) => row.reduce((sum, value) => sum + value, 0) / n);
  const mean = means.reduce((sum, value) => sum + value, 0) / n;
  const centred = products.map((row, i) => row.map((value, j) => value - means[i]! - means[j]! + mean));
  const found = eigen(centred);
  const total = found.reduce((sum, { value }) => sum + Math.max(value, 0), 0);
  const [first, second] = found;
  if (first === undefined || !(first.value > 0)) throw new Error('all points are the same');
  const directionOf = ({ value, vector }: Eigen): Direction => {
    const along = vector.reduce((sum, part) => sum + part, 0) / n;
    const sign = vector[0]! < 0 ? -1 : 1;
    const factors = vector.map((part) => (sign * (part - along)) / Math.sqrt(value));
    return combination(points, factors);
  };
  const isLine = second === undefined || second.value <= NOTHING * first.value;
  return {
    directions: [directionOf(first), isLine ? null : directionOf(second)],
    shares: [first.value / total, isLine ? 0 : second.value / total],
  };
}

interface Eigen {
  readonly value: number;
  readonly vector: readonly number[];
}

/** Eigenvalues, the largest first, and unit eigenvectors of a symmetric matrix (Jacobi's rotations). */
export function eigen(matrix: readonly (readonly number[])[]): Eigen[] {
  const n = matrix.length;
  const a = matrix.map((row) => [...row]);
  const v = a.map((_, i) => a.map((_, j) => Number(i === j)));
  const size = Math.sqrt(a.flat().reduce((sum, value) => sum + value * value, 0));
  for (let sweep = 0; sweep < MOST_SWEEPS; sweep++) {
    let off = 0;
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) off += a[p]![q]! ** 2;
    if (Math.sqrt(off) <= 1e-15 * size) break;
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) rotate(a, v, p, q);
  }
  return a
    .map((row, k) => ({ value: row[k]!, vector: v.map((parts) => parts[k]!) }))
    .sort((x, y) => y.value - x.value);
}

/** Turns the plane of two axes so that a[p][q] becomes 0. */
function rotate(a: number[][], v: number[][], p: number, q: number): void {
  const apq = a[p]![q]!;
  if (apq === 0) return;
  const theta = (a[q]![q]! - a[p]![p]!) / (2 * apq);
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  for (const row of a) turn(row, p, q, c, s);
  for (let k = 0; k < a.length; k++) {
    const [ap, aq] = [a[p]![k]!, a[q]![k]!];
    a[p]![k] = c * ap - s * aq;
    a[q]![k] = s * ap + c * aq;
  }
  for (const row of v) turn(row, p, q, c, s);
}

function turn(row: number[], p: number, q: number, c: number, s: number): void {
  const [x, y] = [row[p]!, row[q]!];
  row[p] = c * x - s * y;
  row[q] = s * x + c * y;
}
