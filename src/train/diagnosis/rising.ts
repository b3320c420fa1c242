import { type Figures, secondHalf, zigzagOf } from './figures.js';
import { type Diagnosis, type DiagnosisInput, tooLargeLr } from './kinds.js';
import { meanOf } from './noise.js';

/** Epochs after the best one, and the mean of as many at the end, that show overfitting. */
const EPOCHS = 3;
/** By this share that mean lies above the best evaluation loss … */
const RISE = 0.07;
/** … and by this share of the loss of the untrained model: a hundredth of next to nothing is nothing … */
const RISE_OF_START = 0.01;
/**
 * … and by so many times the bend of the evaluation loss: two standard errors of a mean of three, each of which strays by 0.6
 * of the median bend.
 */
const RISE_OF_BEND = 0.7;
/** By this share the training loss falls below, or rises above, that of the best epoch. */
const CLEAR = 0.02;

/**
 * Whether the evaluation loss rises for good: overfitting where the training loss does not, else the learning rate is too large.
 */
export function rising(
  { curve: { epochs }, unit = 'images', lr, usualLr }: DiagnosisInput,
  { start }: Figures,
): Diagnosis | null {
  const evaluated = epochs
    .map(({ trainLoss, evalLoss }, i) => ({ epoch: i + 1, trainLoss, evalLoss }))
    .filter((epoch): epoch is typeof epoch & { evalLoss: number } => epoch.evalLoss !== null);
  const last = evaluated.slice(-EPOCHS);
  const best = evaluated.reduce((a, b) => (b.evalLoss < a.evalLoss ? b : a), evaluated[0]!);
  if (last.length < EPOCHS || last.some(({ epoch }) => epoch <= best.epoch)) return null;
  const bend = zigzagOf(secondHalf(evaluated.map(({ evalLoss }) => evalLoss)));
  const rise = meanOf(last.map(({ evalLoss }) => evalLoss)) - best.evalLoss;
  if (rise <= Math.max(RISE * best.evalLoss, RISE_OF_START * start, RISE_OF_BEND * bend)) return null;
  const trained = meanOf(last.map(({ trainLoss }) => trainLoss)) / best.trainLoss - 1;
  const rose = `The evaluation loss rose after epoch ${best.epoch}`;
  if (trained > CLEAR) {
    return tooLargeLr(`${rose}, and the training loss with it.`, { lr, usualLr }, 3);
  }
  const others = unit === 'images' ? ', augment them (random_crop, random_flip)' : '';
  return {
    kind: 'overfitting',
    finding: `${rose} while the training loss ${trained < -CLEAR ? 'went on falling' : 'did not'}: overfitting.`,
    advice: `Take the best checkpoint, or train on more ${unit}${others}, or add dropout or weight_decay.`,
    suggestedLr: null,
  };
}
