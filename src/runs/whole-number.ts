import { UsageError } from '../base/errors.js';

/**
 * Checks an option that is counted. The command line has read it so; a program may give anything.
 *
 * @param option its name
 * @param value what it was given; undefined: nothing
 * @param least the smallest that is allowed
 * @param most the largest
 * @throws UsageError when it is none of these
 */
export function checkWhole(option: string, value: number | undefined, least = 1, most = 1_000_000): void {
  if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) return;
  throw new UsageError(
    'LOSSNET_USAGE',
    `${option} is ${value}; expected a whole number from ${least} to ${most}.`,
  );
}
