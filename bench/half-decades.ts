/**
 * Half powers of ten, as learning rates are searched.
 *
 * @param first exponent of the first, doubled
 * @param last exponent of the last, doubled
 * @returns 10^(i/2) for i from `first` to `last`, to one digit: 0.001, 0.003, 0.01 and so on
 */
export const halfDecades = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, i) => Number((10 ** ((first + i) / 2)).toPrecision(1)));
