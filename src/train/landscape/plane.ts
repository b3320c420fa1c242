import { type Direction, difference, dot, movedBy, type State } from './directions.js';

/** A plane in the space of a model's weights: origin + x * first + y * second. */
export class Plane {
  readonly #aa: number;
  readonly #ab: number;
  readonly #bb: number;

  /**
   * @param origin the point (0, 0)
   * @param first where x leads; what it moves besides `names` moves along
   * @param second where y leads
   * @param names of the tensors that distances are of
   */
  constructor(
    readonly origin: State,
    private readonly first: Direction,
    private readonly second: Direction,
    private readonly names: readonly string[],
  ) {
    this.#aa = dot(first, first, names);
    this.#ab = dot(first, second, names);
    this.#bb = dot(second, second, names);
  }

  /**
   * The values of a point. Those of the origin are its own, to the last bit.
   *
   * @returns the tensors that the plane moves
   */
  point(x: number, y: number): State {
    const names = new Set([...this.first.keys(), ...this.second.keys()]);
    return new Map(
      [...names].map((name) => {
        const [a, b] = [this.first.get(name), this.second.get(name)];
        const move = (value: number, i: number) =>
          movedBy(name, value, x * (a?.[i] ?? 0) + y * (b?.[i] ?? 0));
        const values = this.origin.get(name)!.map(move);
        return [name, values];
      }),
    );
  }

  /**
   * The point of the plane that is nearest to a state.
   *
   * @returns its coordinates, and how far from the plane the state lies
   */
  place(state: State): { readonly at: readonly [x: number, y: number]; readonly off: number } {
    const away = difference(state, this.origin);
    const [p, q] = [dot(away, this.first, this.names), dot(away, this.second, this.names)];
    const determinant = this.#aa * this.#bb - this.#ab * this.#ab;
    const x = (p * this.#bb - q * this.#ab) / determinant;
    const y = (q * this.#aa - p * this.#ab) / determinant;
    const square = dot(away, away, this.names) - (x * p + y * q);
    return { at: [x, y], off: Math.sqrt(Math.max(square, 0)) };
  }
}
