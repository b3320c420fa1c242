import { expect } from 'vitest';
import { expectWithin } from './margin.js';

/**
 * Expects numbers to agree within a share of the largest one: what rounding leaves of a small sum of large numbers
 * says nothing.
 *
 * @param actual what lossnet gives
 * @param expected what it should be
 * @param tolerance relative to the largest expected number
 * @param what the tensor's name, for the message
 */
export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what = 'output',
): void {
  expect(actual.length, `${what}: number of values`).toBe(expected.length);
  const values = Array.from(expected);
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-2);
  const errors = values.map((value, i) => Math.abs(value - actual[i]!) / largest);
  const worst = errors.reduce((at, error, i) => (error > errors[at]! || Number.isNaN(error) ? i : at), 0);
  const message = `${what}: value ${worst} is ${actual[worst]}, should be ${expected[worst]}`;
  expectWithin(errors[worst] ?? 0, tolerance, message);
}
