import { figuresOf } from './diagnosis/figures.js';
import type { Diagnosis, DiagnosisInput, DivergenceCause } from './diagnosis/kinds.js';
import { hardlyLearnt, healthy, plateau, tooShort } from './diagnosis/pace.js';
import { rising } from './diagnosis/rising.js';
import { blownUp, shotUp, tooLarge } from './diagnosis/too-large.js';

export {
  DIVERGENCE_CAUSES,
  type Diagnosis,
  type DiagnosisInput,
  type DiagnosisKind,
  type DivergenceCause,
  smallerLr,
} from './diagnosis/kinds.js';

/** Fewer steps tell nothing. */
const FEWEST_STEPS = 50;

/** What is said of a loss that is not finite, by its cause. */
export const DIVERGENCE: Readonly<Record<DivergenceCause, { finding: string; advice: string }>> = {
  nothing_counts: {
    finding: "No sample counted for the loss: each is of the loss's ignore_index, or of a class of weight 0.",
    advice: 'Change loss.ignore_index or loss.weight, or take more samples at once.',
  },
  inputs: {
    finding:
      'The data are not finite, or beyond what can be computed with, when the model sees them: no learning rate helps.',
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
  if (figures.steps < FEWEST_STEPS)
    return blownUp(input, figures) ?? tooShort('The run is too short to tell.');
  if (figures.start <= 0) return tooShort('The loss is not above 0: these rules do not tell.');
  return (
    tooLarge(input, figures) ??
    rising(input, figures) ??
    shotUp(input, figures) ??
    hardlyLearnt(input, figures) ??
    plateau(input, figures) ??
    healthy(figures)
  );
}
