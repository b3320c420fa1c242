import { formatLr } from '../base/format.js';
import type { Diagnosis } from '../train/diagnosis.js';

/**
 * A diagnosis in sentences.
 *
 * @param diagnosis what a run's curve shows, and what to do about it
 * @param lrKey the key of the learning rate in the run's configuration
 */
export function diagnosisText(
  { finding, advice, suggestedLr }: Omit<Diagnosis, 'kind'>,
  lrKey: string,
): string {
  const tryThis = suggestedLr === null ? [] : [`Try: ${lrKey}=${formatLr(suggestedLr)}`];
  return [finding, ...(advice === null ? [] : [advice]), ...tryThis].join(' ');
}
