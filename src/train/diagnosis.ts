import type { LossCurve } from './loss-curve.js';

/**
 * Why a loss is not finite: no sample counts for it; the inputs are not finite; the first weights already were not, or were
 * too large; else steps have led there, and the learning rate is the first thing to change.
 */
export const DIVERGENCE_CAUSES = ['nothing_counts', 'inputs', 'first_weights', 'steps'] as const;

export type DivergenceCause = (typeof DIVERGENCE_CAUSES)[number];

/** What is told of how a run went. The rules: docs/learning-rate.md. */
export type DiagnosisKind =
  | 'diverged'
  | 'too_short'
  | 'too_large'
  | 'too_slow'
  | 'overfitting'
  | 'plateau'
  | 'healthy';

export interface Diagnosis {
  readonly kind: DiagnosisKind;
  /** What the curve shows, in a sentence. */
  readonly finding: string;
  /** What to do about it, in a sentence; null: nothing. */
  readonly advice: string | null;
  /** The learning rate to try, where another one is advised. */
  readonly suggestedLr: number | null;
}

export interface DiagnosisInput {
  readonly curve: LossCurve;
  /** The learning rate that the run was told to have: with a schedule, the largest. */
  readonly lr: number;
  /** The one to start from with this optimizer. */
  readonly usualLr: number;
  /** Whether a step's loss is that of so few samples that it jumps by chance: then single steps count for nothing. */
  readonly isNoisy: boolean;
  /** Whether a schedule lowers the learning rate. */
  readonly isScheduled: boolean;
  /** What samples are: images can be augmented. Default: images. */
  readonly unit?: 'images' | 'rows' | 'sequences';
  /** Why the loss left the finite numbers, and what to try; null: it did not. */
  readonly divergence: { readonly cause: DivergenceCause; readonly suggestedLr: number | null } | null;
}

/** Thresholds, named as in docs/learning-rate.md. */
export const RULES = {
  /** Fewer steps tell nothing. */
  fewestSteps: 50,
  /** So many steps tell that a loss which does not fall will not. */
  manySteps: 1000,
  /** A run has hardly learnt while its loss fell by less than this share. */
  hardlyFell: 0.05,
  /** So it has while it fell by less than this share, and no slower in its second half. */
  stillSpeedingUp: 0.15,
  /** While it falls by this share and speeds up, it is on its way, however large the learning rate. */
  onItsWay: 0.01,
  /** A learning rate is far from the usual one when it is so many times as large, or as small. */
  farFromUsual: 3,
  /** A loss so many times that of the untrained model is a spike. */
  spike: 1.5,
  /** Share of the stretches of the second half with spikes that make a run unstable. */
  spiky: 0.1,
  /** A loss has risen again when this share of its fall is lost. */
  lost: 0.25,
  /** The loss has flattened when the last quarter brought less than this share of the fall. */
  flat: 0.05,
  /** In fewer steps noise decides what a quarter brings. */
  flatSteps: 300,
  /** A loss so many times that of the untrained model has blown up, however short the run. */
  blownUp: 3,
  /** Below this share of the loss of the untrained model there is little left to fall. */
  learnt: 0.1,
  /** Epochs after the best one, and the mean of as many at the end, that show overfitting. */
  overfitEpochs: 3,
  /** By this share that mean lies above the best evaluation loss … */
  overfitRise: 0.1,
  /** … and the training loss below that of the best epoch. */
  overfitFall: 0.1,
} as const;

/** What is said of a loss that is not finite, by its cause. */
export const DIVERGENCE: Readonly<Record<DivergenceCause, { finding: string; advice: string }>> = {
  nothing_counts: {
    finding: "No image counted for the loss: each is of the loss's ignore_index, or of a class of weight 0.",
    advice: 'Change loss.ignore_index or loss.weight, or take more images at once.',
  },
  inputs: {
    finding: 'The images are not finite when the model sees them: no learning rate helps.',
    advice: 'Look at the data, and at transforms.normalize.',
  },
  first_weights: {
    finding: 'The loss was not finite before any step was made: no learning rate is to blame.',
    advice:
      'Change how the weights begin (init, or the init of a layer), or bring the data to a usual scale (transforms).',
  },
  steps: { finding: 'The loss left the finite numbers.', advice: 'Lower the learning rate.' },
};

/**
 * Says from the curve of a run whether its learning rate was right. The first rule that fits counts.
 *
 * @param input the curve, and what is known of the learning rate
 * @returns the diagnosis; the same for the same figures
 */
export function diagnose(input: DiagnosisInput): Diagnosis {
  const { divergence } = input;
  if (divergence !== null) {
    const { suggestedLr } = divergence;
    return { kind: 'diverged', ...DIVERGENCE[divergence.cause], suggestedLr };
  }
  const figures = figuresOf(input);
  if (figures === null) return tooShort('The run is too short to tell.');
  if (figures.steps < RULES.fewestSteps)
    return blownUp(input, figures) ?? tooShort('The run is too short to tell.');
  if (figures.start <= 0) return tooShort('The loss is not above 0: these rules do not tell.');
  return (
    tooLarge(input, figures) ??
    overfitting(input) ??
    hardlyLearnt(input, figures) ??
    plateau(input, figures) ?? {
      kind: 'healthy',
      finding: `The loss fell ${percent(figures.fall / figures.start)} and steadily: the learning rate fits.`,
      advice: null,
      suggestedLr: null,
    }
  );
}

/**
 * The learning rate to try in place of one that is too large: the usual one where that is far below it, since the next
 * smaller ones are likely to be too large as well.
 *
 * @param lr the one that is too large
 * @param usualLr the one to start from with the optimizer; null: unknown
 * @param stride else it is divided by this, default 10, the usual stride of a search
 * @returns the learning rate, of two significant digits
 */
export function smallerLr(lr: number, usualLr: number | null, stride = 10): number {
  return rounded(usualLr !== null && lr >= RULES.farFromUsual * usualLr ? usualLr : lr / stride);
}

/** What the rules look at. Eighths are of the run's steps. */
interface Figures {
  readonly steps: number;
  /** The loss of the untrained model: the mean of the first stretch's, but of no stretch that was blown up already. */
  readonly start: number;
  /** Mean loss of each eighth. */
  readonly eighths: readonly number[];
  readonly end: number;
  readonly lowest: number;
  /** From the start to the lowest eighth. */
  readonly fall: number;
  /** Share of the stretches of the second half that hold a spike. */
  readonly spiky: number;
  /** Whether any stretch holds a spike. */
  readonly spiked: boolean;
}

function figuresOf({ curve: { first, stretches }, isNoisy }: DiagnosisInput): Figures | null {
  const begin = stretches[0];
  if (first === null || begin === undefined) return null;
  const eighths = Array.from({ length: 8 }, (_, i) => {
    const from = Math.floor((i * stretches.length) / 8);
    const part = stretches.slice(from, Math.max(from + 1, Math.floor(((i + 1) * stretches.length) / 8)));
    const steps = part.reduce((sum, stretch) => sum + stretch.steps, 0);
    return part.reduce((sum, stretch) => sum + stretch.sum, 0) / steps;
  });
  // The first batch may be an easy one; the mean of the first stretch may already be spoilt.
  const mean = begin.sum / begin.steps;
  const start = isNoisy ? mean : mean < RULES.spike * first ? Math.max(first, mean) : first;
  const half = stretches.slice(stretches.length >> 1);
  const isSpike = ({ max }: { max: number }) => !isNoisy && max > RULES.spike * start;
  const lowest = Math.min(...eighths);
  return {
    steps: stretches.reduce((sum, { steps }) => sum + steps, 0),
    start,
    eighths,
    end: eighths[7]!,
    lowest,
    fall: start - lowest,
    spiky: half.filter(isSpike).length / half.length,
    spiked: stretches.some(isSpike),
  };
}

/** What needs no longer run to be seen. */
function blownUp(input: DiagnosisInput, { start, end }: Figures): Diagnosis | null {
  if (input.isNoisy || start <= 0 || end < RULES.blownUp * start) return null;
  return tooLargeLr('The loss shot up and ended above where it began.', input);
}

function tooLarge(input: DiagnosisInput, figures: Figures): Diagnosis | null {
  const { lr, usualLr } = input;
  const { start, end, lowest, fall, spiked, spiky } = figures;
  const endedHigh = end > (1 - RULES.hardlyFell) * start;
  const isFar = lr >= RULES.farFromUsual * usualLr;
  const { share, isSpeedingUp } = paceOf(figures);
  const isOnItsWay = share >= RULES.onItsWay && isSpeedingUp;
  const rose = fall > RULES.hardlyFell * start && end - lowest > RULES.lost * fall;
  const finding =
    endedHigh && spiked
      ? `The loss shot up and ended ${end > start ? 'above' : 'near'} where it began.`
      : endedHigh && isFar && !isOnItsWay
        ? 'The loss never fell, with a learning rate that is large for this optimizer.'
        : rose
          ? 'The loss fell and rose again.'
          : spiky >= RULES.spiky
            ? 'The loss oscillates: it kept shooting above where it began.'
            : null;
  if (finding === null) return null;
  return tooLargeLr(finding, input, endedHigh ? 10 : 3);
}

function tooLargeLr(finding: string, { lr, usualLr }: DiagnosisInput, stride?: number): Diagnosis {
  return {
    kind: 'too_large',
    finding,
    advice: `The learning rate of ${lr} is too large: lower it.`,
    suggestedLr: smallerLr(lr, usualLr, stride),
  };
}

/** By what share of the start the loss has fallen at the end, and whether the second half brought no less than the first. */
function paceOf({ start, end, eighths }: Figures): { share: number; isSpeedingUp: boolean } {
  return { share: (start - end) / start, isSpeedingUp: eighths[3]! - end >= start - eighths[3]! };
}

function hardlyLearnt({ lr, usualLr }: DiagnosisInput, figures: Figures): Diagnosis | null {
  const { steps } = figures;
  const { share, isSpeedingUp } = paceOf(figures);
  if (share >= RULES.hardlyFell && !(share < RULES.stillSpeedingUp && isSpeedingUp)) return null;
  const isSmall = lr <= usualLr / RULES.farFromUsual;
  const fell = share > 0 ? `The loss fell only ${percent(share)}` : 'The loss did not fall';
  if (!isSmall && steps < RULES.manySteps) {
    const isUsual = lr < RULES.farFromUsual * usualLr;
    return tooShort(`${fell}${isUsual ? ', with a learning rate that is usual' : ''}: it has only begun.`);
  }
  const suggestedLr = rounded(isSmall ? usualLr : lr * 3);
  return {
    kind: 'too_slow',
    finding: `${fell} in ${steps} steps.`,
    advice: `The learning rate of ${lr} is too small: raise it.`,
    suggestedLr,
  };
}

function overfitting({ curve: { epochs }, unit = 'images' }: DiagnosisInput): Diagnosis | null {
  const evaluated = epochs
    .map(({ trainLoss, evalLoss }, i) => ({ epoch: i + 1, trainLoss, evalLoss }))
    .filter((epoch): epoch is typeof epoch & { evalLoss: number } => epoch.evalLoss !== null);
  const last = evaluated.slice(-RULES.overfitEpochs);
  const best = evaluated.reduce((a, b) => (b.evalLoss < a.evalLoss ? b : a), evaluated[0]!);
  if (last.length < RULES.overfitEpochs || last.some(({ epoch }) => epoch <= best.epoch)) return null;
  const mean = (key: 'trainLoss' | 'evalLoss') => last.reduce((sum, at) => sum + at[key], 0) / last.length;
  const rises = mean('evalLoss') > (1 + RULES.overfitRise) * best.evalLoss;
  const falls = mean('trainLoss') < (1 - RULES.overfitFall) * best.trainLoss;
  if (!rises || !falls) return null;
  return {
    kind: 'overfitting',
    finding: `The evaluation loss rose after epoch ${best.epoch} while the training loss went on falling: overfitting.`,
    advice: `Take the best checkpoint, or train on more ${unit}${unit === 'images' ? ', augment them (random_crop, random_flip)' : ''}, or add dropout or weight_decay.`,
    suggestedLr: null,
  };
}

function plateau({ lr, isScheduled }: DiagnosisInput, figures: Figures): Diagnosis | null {
  const { start, end, eighths, fall, steps } = figures;
  const isFlat = eighths[5]! - end < RULES.flat * fall;
  if (isScheduled || !isFlat || end < RULES.learnt * start) return null;
  if (steps < RULES.flatSteps) {
    return tooShort(
      `The loss fell ${percent(fall / start)}, little of it in the last quarter: so few steps do not tell whether it has flattened.`,
    );
  }
  return {
    kind: 'plateau',
    finding: 'The loss has flattened: the last quarter of the run brought next to nothing.',
    advice: `Let the learning rate of ${lr} fall towards the end: schedule: { type: cosine }.`,
    suggestedLr: null,
  };
}

function tooShort(finding: string): Diagnosis {
  return {
    kind: 'too_short',
    finding,
    advice: 'Train longer, or look for a learning rate with lossnet lr-find.',
    suggestedLr: null,
  };
}

const rounded = (lr: number) => Number(lr.toPrecision(2));
const percent = (share: number) => `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
