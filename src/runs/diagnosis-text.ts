import { formatCount, formatLr } from '../base/format.js';
import { type Config, namedLr } from '../config/index.js';
import { DIVERGENCE, type Diagnosis } from '../train/diagnosis.js';
import type { DivergedEvent } from '../train/events.js';

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

/**
 * At which step the loss left the finite numbers, where first, and what to try, a line each.
 *
 * @param event how the run diverged
 * @param config of the run
 */
export function divergenceLines(event: DivergedEvent, config: Config): string[] {
  const step = formatCount(event.step);
  const what = {
    training: `the loss is ${event.loss} at step ${step}`,
    evaluation: `the evaluation loss is ${event.loss} after step ${step}`,
    test: `the test loss is ${event.loss} at the end`,
    saving: `step ${step} made parameters that are not finite`,
  };
  const { finding, advice } = DIVERGENCE[event.cause];
  const advised =
    event.suggestedLr === null
      ? [finding, advice]
      : [
          `The learning rate is most likely too large: it was ${formatLr(event.lr)}.`,
          `Try: ${namedLr(config).key}=${formatLr(event.suggestedLr)}, or clip_grad_norm=1 (with --force, or another --name)`,
        ];
  return [
    `${what[event.phase]}, epoch ${event.epoch}.`,
    `First tensor that is not finite: ${event.tensor}.`,
    ...advised,
  ];
}
