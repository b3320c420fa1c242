import type { LossFunction, Probabilities } from '../loss/index.js';
import { Auroc } from './auroc.js';
import { Calibration } from './calibration.js';
import { balancedAccuracy, Confusion, macroF1 } from './confusion.js';
import { AUROC, BALANCED_ACCURACY, ECE, LOG_LOSS, MACRO_F1, TOP5_ACCURACY } from './metrics.js';
import type { Scores } from './scores.js';
import type { Measure } from './task.js';

/** Of so few classes the right one would always be among the greatest. */
const TOP = 5;

/**
 * @param classes how many there are
 * @param probabilities how the loss makes probabilities of outputs; null: it makes none
 * @returns what an evaluation has besides accuracy
 */
export function furtherOfClasses(classes: number, probabilities: Probabilities | null): Measure[] {
  const isLikely = probabilities !== null;
  return [
    ...(classes > TOP ? [{ ...TOP5_ACCURACY, chance: TOP / classes }] : []),
    { ...BALANCED_ACCURACY, chance: 1 / classes },
    { ...MACRO_F1, chance: null },
    ...(isLikely && classes === 2 ? [{ ...AUROC, chance: 0.5 }] : []),
    ...(isLikely ? [{ ...LOG_LOSS, chance: Math.log(classes) }] : []),
    ...(isLikely ? [{ ...ECE, chance: null }] : []),
  ];
}

/**
 * What outputs say of classes, by all of them: as scikit-learn has it, with each sample counting once whatever the weights and
 * the label smoothing of the loss. Samples of the ignored class do not count. Of equal outputs the first is the greater.
 *
 *     log_loss = - sum over i of log(p[i, target[i]]) / n
 *
 * p is what the loss makes of outputs: softmax; of several yes or no, their sigmoids divided by their sum, as scikit-learn's
 * OneVsRestClassifier. It is not kept away from 0. The score of `auroc` is log(p[i, 1] / p[i, 0]), which orders samples as p[i, 1]
 * does, and still tells those apart whose p is 1.
 *
 * @param names of the classes
 * @param loss the loss
 * @returns what outputs are added to
 * @source sklearn.metrics.balanced_accuracy_score, f1_score, top_k_accuracy_score, roc_auc_score, log_loss
 */
export function classScores(names: readonly string[], { probabilities, ignoreIndex }: LossFunction): Scores {
  const classes = names.length;
  const confusion = new Confusion(classes);
  const calibration = new Calibration();
  const auroc = new Auroc();
  const logs = new Float64Array(classes);
  let [samples, amongTop, logLoss] = [0, 0, 0];

  const addLikely = (row: Float32Array, target: number, said: number): void => {
    const whole = logShares(row, probabilities!, logs);
    logLoss += whole - logs[target]!;
    calibration.add(Math.exp(logs[said]! - whole), said === target);
    // Without what is subtracted from both, whose rounding would tell equal scores apart.
    if (classes === 2) auroc.add(logs[1]! - logs[0]!, target === 1);
  };
  return {
    add(outputs, targets) {
      for (const [i, target] of targets.entries()) {
        if (target === ignoreIndex) continue;
        const row = outputs.subarray(i * classes, (i + 1) * classes);
        const said = greatest(row);
        samples += 1;
        if (placeOf(row, target) < TOP) amongTop += 1;
        confusion.add(target, said);
        if (probabilities !== null) addLikely(row, target, said);
      }
    },

    metrics() {
      const figures = confusion.figures(names);
      const all: Readonly<Record<string, () => number>> = {
        top5_accuracy: () => amongTop / samples,
        balanced_accuracy: () => balancedAccuracy(figures),
        macro_f1: () => macroF1(figures),
        auroc: () => auroc.area(),
        log_loss: () => logLoss / samples,
        ece: () => calibration.error(),
      };
      const further = furtherOfClasses(classes, probabilities);
      return Object.fromEntries(further.map(({ name }) => [name, all[name]!()]));
    },

    detail: () => ({
      kind: 'class',
      classes: confusion.figures(names),
      confusion: confusion.matrix(),
      calibration: probabilities === null ? null : calibration.bins(),
    }),
  };
}

/** The class of the greatest output, the first of equal ones. */
export function greatest(row: Float32Array): number {
  let at = 0;
  for (let c = 1; c < row.length; c++) if (row[c]! > row[at]!) at = c;
  return at;
}

/** How many classes come before this one. */
function placeOf(row: Float32Array, target: number): number {
  const own = row[target]!;
  let before = 0;
  for (let c = 0; c < row.length; c++) if (row[c]! > own || (row[c] === own && c < target)) before += 1;
  return before;
}

/**
 * Probabilities as logarithms, in float64, where none is lost to rounding: log(p[c]) = log[c] - whole.
 *
 * @param row outputs for a sample
 * @param probabilities how they are made of these
 * @param into takes log[c]
 * @returns whole
 */
export function logShares(row: Float32Array, probabilities: Probabilities, into: Float64Array): number {
  let most = Number.NEGATIVE_INFINITY;
  for (let c = 0; c < row.length; c++) {
    const log = probabilities === 'softmax' ? row[c]! : logSigmoid(row[c]!);
    into[c] = log;
    most = Math.max(most, log);
  }
  let sum = 0;
  for (const log of into) sum += Math.exp(log - most);
  return most + Math.log(sum);
}

/** log(1 / (1 + exp(-x))), which neither overflows nor cancels. */
const logSigmoid = (x: number) => Math.min(x, 0) - Math.log1p(Math.exp(-Math.abs(x)));
