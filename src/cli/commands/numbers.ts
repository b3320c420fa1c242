import { InvalidArgumentError } from 'commander';

/** More of anything that is counted would never come to an end. */
const MOST = 1_000_000;

/**
 * How commander reads an option that is a whole number.
 *
 * @param least the smallest that is allowed
 * @param most the largest
 * @returns the parser
 */
export function wholeNumber(least = 1, most = MOST): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`);
  };
}

/** The same of a decimal number above 0. */
export function positiveNumber(text: string): number {
  const value = Number(text);
  if (/^[\d.+e-]+$/i.test(text) && Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError('Expected a number above 0.');
}
