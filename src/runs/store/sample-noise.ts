import { isShare } from '../metric-text.js';
import { type EpochKey, partOf } from './figures.js';
import { identityOf, type RunRecord } from './read.js';

/** Standard errors within which two figures do not tell which is better. */
const ERRORS = 2;
/** Of figures that are no shares nothing is known of their noise: a lead of this share of them is told. */
const CLEAR_SHARE = 0.1;

/**
 * Whether two values of a figure lie so close that the choice of samples may have made the difference. Of shares, by the standard
 * error of the difference of two of them, as if they were of other samples each, which is more than of the same ones:
 *
 *     |a - b| <= 2 sqrt((a (1 - a) + b (1 - b)) / n)
 *
 * @param key of the figure
 * @param values both
 * @param record of a run that has it: how many samples it is of
 * @returns whether it may be luck; of shares of unknown samples, and of losses and errors, whether they differ by less than a tenth
 */
export function isWithinNoise(key: EpochKey, [a, b]: readonly [number, number], record: RunRecord): boolean {
  const samples = samplesOf(key, record);
  if (!isShare(key) || samples === null)
    return Math.abs(a - b) < CLEAR_SHARE * Math.max(Math.abs(a), Math.abs(b));
  return Math.abs(a - b) <= ERRORS * Math.sqrt((a * (1 - a) + b * (1 - b)) / samples);
}

/**
 * @param key of a figure
 * @param record of a run that has it
 * @returns how many samples the figure is of; null: that is not on record
 */
export function samplesOf(key: EpochKey, record: RunRecord): number | null {
  const part = partOf(key);
  const { config } = record;
  const count = identityOf(record, part)?.records;
  if (count === undefined) return null;
  return Math.min(count, (part === 'train' ? config.loader.limit : config.evaluation.limit) ?? count);
}
