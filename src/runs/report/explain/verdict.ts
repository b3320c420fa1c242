import { formatCount, formatLr } from '../../../base/format.js';
import { namedLr, toCamelCase } from '../../../config/index.js';
import { DIVERGENCE } from '../../../train/diagnosis.js';
import { diagnosisText } from '../../diagnosis-text.js';
import { type RunRecord, statusOf } from '../../store/read.js';

/** What the curve of a run says of its learning rate. */
export interface RunVerdict {
  /** `healthy`, `too large`, …; null: the run was not judged. */
  readonly title: string | null;
  readonly text: string;
}

/**
 * @param record of a run
 * @returns the words that `lossnet train` ended with; of a run without a verdict, why it has none
 */
export function verdictOf(record: RunRecord): RunVerdict {
  const { summary, diverged, config } = record;
  const { key } = namedLr(toCamelCase(config));
  if (diverged !== null) {
    const { cause, step, lr, suggested_lr: suggestedLr } = diverged;
    const { finding, advice } = DIVERGENCE[cause];
    const text = diagnosisText({ finding, advice, suggestedLr }, key);
    return {
      title: 'diverged',
      text: `At step ${formatCount(step)}, with a learning rate of ${formatLr(lr)}. ${text}`,
    };
  }
  const diagnosis = summary?.diagnosis ?? null;
  if (diagnosis !== null) {
    return { title: diagnosis.kind.replaceAll('_', ' '), text: diagnosisText(toCamelCase(diagnosis), key) };
  }
  const status = statusOf(record);
  return {
    title: null,
    text: status === 'done' ? 'No verdict is on record.' : `Not judged: the run is ${status}.`,
  };
}
