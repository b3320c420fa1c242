import type { LrFound, NoLrReason } from '../../train/lr-suggestion.js';
import { compareTrials, type LrTrial } from '../../train/lr-trial.js';

/** More halves are not tried: where none of so many trains, something else is wrong. */
const MOST_TRIALS = 6;

/** What trials made of a suggestion. */
export interface TriedOut {
  readonly suggestion: LrFound | { readonly found: false; readonly reason: NoLrReason };
  /** In the order in which they were made, each at half the learning rate of the one before. */
  readonly trials: readonly LrTrial[];
}

/**
 * Tries a suggestion before it is given: a short training at it, and at its half. It is given when it is stable and its half
 * neither breaks nor comes clearly further; else the half takes its place, and is tried in the same way. So it does, once, where
 * it comes any further: a short training cannot show what breaks later, and half of what held is far from that.
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
  const first = await trial(computed.lr);
  if (first === null) return null;
  const trials = [first];
  while (trials.length < MOST_TRIALS) {
    const last = trials.at(-1)!;
    const lr = Number((last.lr / 2).toPrecision(2));
    if (lr < min) break;
    const half = await trial(lr);
    if (half === null) return null;
    trials.push(half);
    const breaks = half.status === 'rose' || half.status === 'diverged';
    const order = compareTrials(last, half, start);
    if (last.status !== 'stable' || breaks || order === 'worse') continue;
    if (isEased || order === 'ahead') {
      const { low } = computed.band;
      const band = { low: Math.min(low, last.lr), high: last.lr };
      return { suggestion: { ...computed, lr: last.lr, band }, trials };
    }
    isEased = true;
  }
  return { suggestion: { found: false, reason: 'unstable' }, trials };
}
