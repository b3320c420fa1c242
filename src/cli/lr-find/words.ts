import { formatLoss, formatLr, plural } from '../../base/format.js';
import type { LrResult } from '../../runs/lr-find/result.js';
import type { NoLrReason } from '../../train/lr-suggestion.js';
import type { LrTrial } from '../../train/lr-trial.js';

/** What was tested, and how far it came. */
export function tested({ name, points, range, end }: LrResult): string {
  const last = points.at(-1);
  const reached = last ? `, lr ${formatLr(range.min)} to ${formatLr(last.lr)}` : '';
  const why = end === 'diverged' ? '; there the loss diverged' : '';
  return `${name}, ${points.length} of ${range.steps} steps${reached}${why}`;
}

/** Why it is this one of those that were tried. */
export function reasonFor({ suggestion, computedLr, trials }: LrResult): string {
  const at = trials.findIndex(({ lr }) => suggestion.found && lr === suggestion.lr);
  if (trials[at]!.lr === computedLr) return 'half of where the loss is lowest';
  const [four, two] = [trials[at - 2], trials[at - 1]!];
  if (two.status !== 'stable') return 'the largest that held';
  return four?.status === 'diverged'
    ? 'four times as much diverges, and twice is near it'
    : 'comes further than twice as much';
}

/** What came of a short training. */
export function trialText({ lr, status, end, losses }: LrTrial, { suggestion }: LrResult): string {
  const steps = plural(losses.length, 'step');
  const kept = suggestion.found && suggestion.lr === lr;
  const loss = end === null ? '' : `loss ${formatLoss(end)} after ${steps}`;
  switch (status) {
    case 'stable':
      return `lr ${lr}: ${loss}${kept ? ', stable' : ''}`;
    case 'rose':
      return `lr ${lr}: ${loss}; it fell and rose again`;
    case 'flat':
      return `lr ${lr}: ${loss}; it has hardly fallen`;
    case 'diverged':
      return `lr ${lr}: the loss diverged after ${steps}`;
  }
}

/** What is to be known of a suggestion besides. */
export function notes({ suggestion, range }: LrResult): string[] {
  if (!suggestion.found) return [];
  return [
    ...(suggestion.fallsFromStart
      ? [
          `The loss fell from the first steps on: less may do as well. To see, lower --min (it was ${range.min}).`,
        ]
      : []),
    ...(suggestion.fallsToEnd
      ? [
          `The loss was still falling at the end: more may do as well. To see, raise --max (it was ${range.max}).`,
        ]
      : []),
  ];
}

/** Why there is no suggestion, and what to do. */
export function explain(reason: NoLrReason, { points, range }: LrResult): string[] {
  switch (reason) {
    case 'too_few':
      return [
        `No suggestion: the loss diverged after ${plural(points.length, 'step')}.`,
        `Start lower, with --min ${formatLr(range.min / 1000)}; or the data or the model are at fault: try lossnet train with --dry-run.`,
      ];
    case 'no_fall':
      return [
        'No suggestion: the loss fell nowhere clearly.',
        `Give it more time, with --steps ${range.steps * 4}. If it still falls nowhere, the model does not learn: check its first values, its loss and the data.`,
      ];
    case 'unstable':
      return [
        'No suggestion: the loss fell in the test, but at none of the learning rates that were tried.',
        `Give it more time, with --steps ${range.steps * 4}; or steady the training: clip_grad_norm=1, a larger loader.batch_size.`,
      ];
  }
}
