import { type Figures, secondHalf, ZIGZAG_EPOCHS, zigzagOf } from './figures.js';
import {
  type Diagnosis,
  type DiagnosisInput,
  FAR_FROM_USUAL,
  HARDLY_FELL,
  LEARNT,
  tooLargeLr,
} from './kinds.js';
import { isOnItsWay } from './pace.js';

/** Share of the stretches of the second half with spikes that make a run unstable. */
const SPIKY = 0.1;
/** A loss has risen again when this share of its fall is lost at the end … */
const LOST = 0.25;
/** … or was lost on the way, noise apart, or is lost and gained again from epoch to epoch. */
const LOST_ON_THE_WAY = 0.2;
/** Of fewer epochs each that is lower than the one before may be chance. */
const FEWEST_EPOCHS = 3;
/** A loss so many times that of the untrained model has blown up, however short the run. */
const BLOWN_UP = 3;
/** The mean of a sixteenth above so many times that of the untrained model is no chance. */
const SHOT_UP = 2;
/** A run above this share of the loss of the untrained model is unsteady … */
const UNSTEADY_ABOVE = 0.5;
/** … when its evaluation loss bends from epoch to epoch by this share of what it fell … */
const UNSTEADY_BEND = 0.12;
/** … and what it gains is less than so many standard errors, or when it bends by this share. */
const CLEAR_GAIN = 4;
const WIDE_BEND = 0.3;

/** What needs no longer run to be seen. */
export function blownUp(input: DiagnosisInput, { start, end }: Figures): Diagnosis | null {
  if (input.isNoisy || start <= 0 || end < BLOWN_UP * start) return null;
  return tooLargeLr('The loss shot up and ended above where it began.', input);
}

/** Whether the learning rate is too large. */
export function tooLarge(input: DiagnosisInput, figures: Figures): Diagnosis | null {
  const { lr, usualLr } = input;
  const { start, end, lowest, fall, spiked, spiky, rise, bend, stray } = figures;
  const endedHigh = end > (1 - HARDLY_FELL) * start;
  const isFar = lr >= FAR_FROM_USUAL * usualLr;
  const rose = fall > HARDLY_FELL * start && end - lowest > Math.max(LOST * fall, stray);
  const swings =
    Math.max(fallsEachEpoch(input) ? 0 : rise, bend) > Math.max(LOST_ON_THE_WAY * fall, HARDLY_FELL * start);
  const finding =
    endedHigh && spiked
      ? `The loss shot up and ended ${end > start ? 'above' : 'near'} where it began.`
      : endedHigh && isFar && !isOnItsWay(figures)
        ? 'The loss never fell, with a learning rate that is large for this optimizer.'
        : rose
          ? 'The loss fell and rose again.'
          : spiky >= SPIKY
            ? 'The loss oscillates: it kept shooting above where it began.'
            : swings
              ? 'The loss oscillates: what it had gained was lost again on the way.'
              : isFar && isUnsteady(input, figures)
                ? 'The loss jumps from epoch to epoch, with a learning rate that is large for this optimizer.'
                : null;
  if (finding === null) return null;
  return tooLargeLr(finding, input, endedHigh ? 10 : 3);
}

/** Whether every epoch lowered both losses: what was lost within one was gained again within it. */
function fallsEachEpoch({ curve: { epochs } }: DiagnosisInput): boolean {
  return (
    epochs.length >= FEWEST_EPOCHS &&
    epochs.slice(1).every(({ trainLoss, evalLoss }, i) => {
      const before = epochs[i]!;
      return (
        trainLoss < before.trainLoss &&
        (evalLoss === null || before.evalLoss === null || evalLoss < before.evalLoss)
      );
    })
  );
}

/** Whether the loss was far above where it began, and is not low yet, with a learning rate that is large for its optimizer. */
export function shotUp(input: DiagnosisInput, { start, end, highest }: Figures): Diagnosis | null {
  const isFar = input.lr >= FAR_FROM_USUAL * input.usualLr;
  if (!isFar || highest < SHOT_UP * start || end < LEARNT * start) return null;
  return tooLargeLr('The loss shot up, and has not made up for it yet.', input, 3);
}

/** Whether the evaluation loss zigzags, far from being done: widely, or with a loss that no longer clearly falls. */
function isUnsteady({ curve: { epochs } }: DiagnosisInput, { start, end, gain }: Figures): boolean {
  if (end <= UNSTEADY_ABOVE * start) return false;
  const losses = epochs.flatMap(({ evalLoss }) => (evalLoss === null ? [] : [evalLoss]));
  if (losses.length < ZIGZAG_EPOCHS) return false;
  const fell = Math.max(start - Math.min(...losses), HARDLY_FELL * start);
  const isClear = gain.value > CLEAR_GAIN * gain.error;
  return zigzagOf(secondHalf(losses)) > (isClear ? WIDE_BEND : UNSTEADY_BEND) * fell;
}
