/** A point of the plane, or a slope there. */
export type Point = readonly [x: number, y: number];

/** What a drawing of a surface shows. */
export interface View {
  readonly x: readonly [from: number, to: number];
  readonly y: readonly [from: number, to: number];
}

/** A function of two variables, for optimizers to walk down. */
export interface Surface {
  readonly name: SurfaceName;
  /** What it is like, as part of a sentence. */
  readonly about: string;
  readonly formula: string;
  /** Where paths begin unless told otherwise. */
  readonly start: Point;
  readonly view: View;
  /** Where it is lowest. */
  readonly minima: readonly Point[];
  /** Its value there. */
  readonly least: number;
  /** Who stays at this value or below it has arrived. */
  readonly goal: number;
  /** Standard deviation of what is added to each of the two slopes at every step; 0: nothing is. */
  readonly noise: number;
  value(x: number, y: number): number;
  /** The slopes, without noise. */
  gradient(x: number, y: number): Point;
}

export const SURFACE_NAMES = [
  'bowl',
  'ravine',
  'rosenbrock',
  'beale',
  'saddle',
  'himmelblau',
  'noisy-bowl',
] as const;

export type SurfaceName = (typeof SURFACE_NAMES)[number];

const square = (from: number, to: number): View => ({ x: [from, to], y: [from, to] });

/**
 * The surfaces that optimizers are tried on.
 *
 * @source Rosenbrock, "An automatic method for finding the greatest or least value of a function", 1960; Beale, "On an
 * iterative method for finding a local minimum of a function of more than one variable", 1958; Himmelblau, "Applied nonlinear
 * programming", 1972
 */
export const SURFACES: Readonly<Record<SurfaceName, Surface>> = {
  bowl: {
    name: 'bowl',
    about: 'equally steep on all sides',
    formula: '(x² + y²) / 2',
    start: [-4, 3],
    view: square(-5, 5),
    minima: [[0, 0]],
    least: 0,
    goal: 1e-3,
    noise: 0,
    value: (x, y) => (x * x + y * y) / 2,
    gradient: (x, y) => [x, y],
  },
  ravine: {
    name: 'ravine',
    about: 'twenty times as steep across as along',
    formula: 'x² / 20 + y²',
    start: [-7, 2],
    view: { x: [-10, 10], y: [-5, 5] },
    minima: [[0, 0]],
    least: 0,
    goal: 1e-3,
    noise: 0,
    value: (x, y) => (x * x) / 20 + y * y,
    gradient: (x, y) => [x / 10, 2 * y],
  },
  rosenbrock: {
    name: 'rosenbrock',
    about: 'a bent valley with steep walls and a floor that hardly falls',
    formula: '(1 - x)² + 100 (y - x²)²',
    start: [-1.2, 1],
    view: { x: [-2, 2], y: [-1, 3] },
    minima: [[1, 1]],
    least: 0,
    goal: 1e-2,
    noise: 0,
    value: (x, y) => (1 - x) ** 2 + 100 * (y - x * x) ** 2,
    gradient: (x, y) => [-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)],
  },
  beale: {
    name: 'beale',
    about: 'flat in the middle, with cliffs in the corners',
    formula: '(1.5 - x + xy)² + (2.25 - x + xy²)² + (2.625 - x + xy³)²',
    start: [1, 1.5],
    view: square(-4.5, 4.5),
    minima: [[3, 0.5]],
    least: 0,
    goal: 1e-3,
    noise: 0,
    value: (x, y) => bealeTerms(x, y).reduce((sum, [term]) => sum + term * term, 0),
    gradient(x, y) {
      const terms = bealeTerms(x, y);
      return [
        terms.reduce((sum, [term, power]) => sum + 2 * term * (y ** power - 1), 0),
        terms.reduce((sum, [term, power]) => sum + 2 * term * x * power * y ** (power - 1), 0),
      ];
    },
  },
  saddle: {
    name: 'saddle',
    about: 'a pass at (0, 0), nearly on the ridge of which the path begins, between two valleys',
    formula: 'x² / 2 - y² / 2 + y⁴ / 4',
    start: [-1.5, 0.001],
    view: square(-2, 2),
    minima: [
      [0, 1],
      [0, -1],
    ],
    least: -0.25,
    goal: -0.249,
    noise: 0,
    value: (x, y) => (x * x) / 2 - (y * y) / 2 + y ** 4 / 4,
    gradient: (x, y) => [x, y ** 3 - y],
  },
  himmelblau: {
    name: 'himmelblau',
    about: 'four valleys, equally deep',
    formula: '(x² + y - 11)² + (x + y² - 7)²',
    start: [0, 0],
    view: square(-5, 5),
    minima: [
      [3, 2],
      [-2.805118086952745, 3.131312518250573],
      [-3.779310253377747, -3.283185991286169],
      [3.584428340330492, -1.848126526964404],
    ],
    least: 0,
    goal: 1e-3,
    noise: 0,
    value: (x, y) => (x * x + y - 11) ** 2 + (x + y * y - 7) ** 2,
    gradient(x, y) {
      const [a, b] = [x * x + y - 11, x + y * y - 7];
      return [4 * x * a + 2 * b, 2 * a + 4 * y * b];
    },
  },
  'noisy-bowl': {
    name: 'noisy-bowl',
    about:
      'a bowl, four times as steep one way, whose slopes are only known with noise, as those of batches are',
    formula: '(x² + 4 y²) / 2',
    start: [-4, 3],
    view: square(-5, 5),
    minima: [[0, 0]],
    least: 0,
    goal: 0.2,
    noise: 1,
    value: (x, y) => (x * x + 4 * y * y) / 2,
    gradient: (x, y) => [x, 4 * y],
  },
};

/** What is squared, and the power of y in it. */
function bealeTerms(x: number, y: number): readonly (readonly [term: number, power: number])[] {
  return [
    [1.5 - x + x * y, 1],
    [2.25 - x + x * y * y, 2],
    [2.625 - x + x * y ** 3, 3],
  ];
}
