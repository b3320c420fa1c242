import { toCamelCase } from '../../../../src/config/naming.js';
import { initializerSchema } from '../../../../src/config/schema/initializers.js';
import { createInitializer, type InitializerOptions } from '../../../../src/train/model/init/index.js';
import { RandomStream } from '../../../../src/train/random.js';

/** What a configuration would make of a block: the schema's defaults are tested along. */
export function parse(block: Record<string, unknown>): InitializerOptions {
  return toCamelCase(initializerSchema.parse(block));
}

export const product = (shape: readonly number[]) => shape.reduce((all, size) => all * size, 1);

/** A tensor's first values as a configuration would have them. */
export function fill(
  block: Record<string, unknown>,
  shape: readonly number[],
  stream = new RandomStream(0, 'init', '0.weight'),
): Float32Array {
  // Not zeroes: an initialiser has to write every value.
  const values = new Float32Array(product(shape)).fill(Number.NaN);
  createInitializer(parse(block))(values, shape, stream);
  return values;
}

/** In place of random numbers: what `uniform` is given as its bounds, and recorded normal numbers. */
export class Scripted extends RandomStream {
  readonly bounds: [number, number][] = [];
  readonly #normals: Iterator<number>;

  constructor(normals: Iterable<number>) {
    super(0, 'init');
    this.#normals = normals[Symbol.iterator]();
  }

  override uniform(low: number, high: number): number {
    this.bounds.push([low, high]);
    return high;
  }

  override normal(): number {
    const { done, value } = this.#normals.next();
    if (done) throw new Error('more normal numbers are drawn than were recorded');
    return value;
  }
}

export function mean(values: ArrayLike<number>): number {
  return Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
}

export function deviation(values: ArrayLike<number>): number {
  const centre = mean(values);
  return Math.sqrt(mean(Array.from(values, (value) => (value - centre) ** 2)));
}
