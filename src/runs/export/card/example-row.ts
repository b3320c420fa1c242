import type { FittedInput } from '../../../train/data/preprocessing.js';

/**
 * A row as code has it, in Python and in JavaScript.
 *
 * @param inputs what columns there are
 * @returns an object of texts, each a usual value of its column
 */
export function exampleRow(inputs: readonly FittedInput[]): string {
  return JSON.stringify(Object.fromEntries(inputs.map((input) => [input.column, usualOf(input)])));
}

function usualOf(input: FittedInput): string | number {
  switch (input.kind) {
    case 'number':
      return Number((input.std === 1 && input.mean === 0 ? input.fill : input.mean).toPrecision(3));
    case 'boolean':
      return 'true';
    case 'category':
      return input.categories[0] ?? '';
  }
}
