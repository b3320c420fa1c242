import { appendFileSync } from 'node:fs';
import { expect } from 'vitest';

/**
 * Expects an error to stay within a tolerance. Where `npm run test:cpus` asks for it, the share of the tolerance that is
 * used is written down: how much is left on one CPU tells whether the next will do.
 *
 * @param error what is off; NaN is never within
 * @param tolerance how much may be
 * @param what for the message
 */
export function expectWithin(error: number, tolerance: number, what: string): void {
  noteShare(error, tolerance);
  expect(error, what).toBeLessThanOrEqual(tolerance);
}

/** Writes the share down, for who collects what is wrong before it is told. */
export function noteShare(error: number, tolerance: number): void {
  const file = process.env.TEST_MARGINS;
  if (!file) return;
  const { currentTestName, testPath } = expect.getState();
  const share = error === 0 ? 0 : error / tolerance;
  const record = { file: testPath, test: currentTestName, share };
  appendFileSync(file, `${JSON.stringify(record)}\n`);
}
