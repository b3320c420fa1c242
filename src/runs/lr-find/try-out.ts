import type { LrFound, NoLrReason } from '../../train/lr-suggestion.js';
import { compareTrials, type LrTrial } from '../../train/lr-trial.js';

/** More halves are not tried: where none of so many trains, something else is wrong. */
const MOST_TRIALS = 6;

/** What trials made of a suggestion. */
export interface TriedOut {
  readonly suggestion: LrFound | { readonly found: false; readonly reason: NoLrReason };
  /** From the largest learning rate to the least, each half of the one before. */
  readonly trials: readonly LrTrial[];
}

/**
 * Tries a suggestion before it is given: a short training at it, at its half and at its double. It is given when it is stable, its
 * half neither breaks nor comes clearly further, and its double does not diverge; else the half takes its place, and is tried in the
 * same way. So it does, once, where it comes any further: a short training cannot show what breaks later. For the same reason the
 * double counts: whether what is close to diverging does so, and when, is a matter of the batches that it meets.
 *
 * @param computed what the curve of the range test suggests
 * @param min no learning rate below this is tried
 * @param trial trains at a learning rate; null when it was told to stop
 * @returns the suggestion that held, or none; null when it was told to stop
 */
export async function tryOut(
  computed: LrFound,
  min: number,
  trial: (lr: number) => Promise<LrTrial | null>,
): Promise<TriedOut | null> {
  const { start } = computed;
  let isEased = false;
  /** At twice the computed learning rate, tried only when that is about to be given. */
  let double: LrTrial | null = null;
  const first = await trial(computed.lr);
  if (first === null) return null;
  const trials = [first];
  while (trials.length < MOST_TRIALS) {
    const last = trials.at(-1)!;
    const lr = rounded(last.lr / 2);
    if (lr < min) break;
    const half = await trial(lr);
    if (half === null) return null;
    trials.push(half);
    const order = compareTrials(last, half, start);
    if (last.status !== 'stable' || breaks(half) || order === 'worse') continue;
    if (!isEased && order === 'behind') {
      isEased = true;
      continue;
    }
    if (trials.length === 2) {
      double = await trial(rounded(last.lr * 2));
      if (double === null) return null;
    }
    if ((trials.at(-3) ?? double)!.status === 'diverged') continue;
    const { low } = computed.band;
    const band = { low: Math.min(low, last.lr), high: last.lr };
    return { suggestion: { ...computed, lr: last.lr, band }, trials: withDouble() };
  }
  return { suggestion: { found: false, reason: 'unstable' }, trials: withDouble() };

  function withDouble(): LrTrial[] {
    return double === null ? trials : [double, ...trials];
  }
}

const breaks = ({ status }: LrTrial): boolean => status === 'rose' || status === 'diverged';

const rounded = (lr: number): number => Number(lr.toPrecision(2));
