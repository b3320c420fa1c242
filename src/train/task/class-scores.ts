import type { LossFunction, Probabilities, Targets } from '../loss/index.js';
import { Auroc } from './auroc.js';
import { Calibration } from './calibration.js';
import { balancedAccuracy, Confusion, macroF1 } from './confusion.js';
import { AUROC, BALANCED_ACCURACY, ECE, LOG_LOSS, MACRO_F1, type Metrics, TOP5_ACCURACY } from './metrics.js';
import type { ClassDetail, Scores } from './scores.js';
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
export function classScores(names: readonly string[], loss: LossFunction): Scores {
  const read = classReader(names.length, loss);
  const tally = new ClassTally(names, loss.probabilities);
  return {
    add: (outputs, targets) => {
      for (const i of targets.keys()) {
        const reading = read(outputs, targets, i);
        if (reading !== null) tally.add(reading);
      }
    },
    metrics: () => tally.further(),
    detail: () => tally.detail(),
  };
}

/** What outputs say of one sample. */
export interface ClassReading {
  readonly target: number;
  readonly said: number;
  /** Whether the target is among the five greatest. */
  readonly isAmongTop: boolean;
  /** -log(p[target]), the greatest p, and of two classes log(p[1] / p[0]); null: the loss makes no probabilities. */
  readonly likely: { readonly loss: number; readonly share: number; readonly odds: number } | null;
}

/**
 * @param classes how many there are
 * @param loss what makes probabilities of outputs, and may ignore a class
 * @returns what reads a sample of a batch; null: it does not count
 */
export function classReader(
  classes: number,
  { probabilities, ignoreIndex }: LossFunction,
): (outputs: Float32Array, targets: Targets, i: number) => ClassReading | null {
  const logs = new Float64Array(classes);
  const likelyOf = (row: Float32Array, target: number, said: number): ClassReading['likely'] => {
    if (probabilities === null) return null;
    const whole = logShares(row, probabilities, logs);
    return {
      loss: whole - logs[target]!,
      share: Math.exp(logs[said]! - whole),
      // Without what is subtracted from both, whose rounding would tell equal scores apart.
      odds: classes === 2 ? logs[1]! - logs[0]! : 0,
    };
  };
  return (outputs, targets, i) => {
    const target = targets[i]!;
    if (target === ignoreIndex) return null;
    const row = outputs.subarray(i * classes, (i + 1) * classes);
    const said = greatest(row);
    return { target, said, isAmongTop: placeOf(row, target) < TOP, likely: likelyOf(row, target, said) };
  };
}

/** Readings of samples, counted. */
export class ClassTally {
  readonly #confusion: Confusion;
  readonly #calibration = new Calibration();
  readonly #auroc = new Auroc();
  #samples = 0;
  #hits = 0;
  #amongTop = 0;
  #logLoss = 0;

  constructor(
    private readonly names: readonly string[],
    private readonly probabilities: Probabilities | null,
  ) {
    this.#confusion = new Confusion(names.length);
  }

  /** @param times as how many samples it counts */
  add({ target, said, isAmongTop, likely }: ClassReading, times = 1): void {
    this.#samples += times;
    if (said === target) this.#hits += times;
    if (isAmongTop) this.#amongTop += times;
    this.#confusion.add(target, said, times);
    if (likely === null) return;
    this.#logLoss += likely.loss * times;
    this.#calibration.add(likely.share, said === target, times);
    if (this.names.length === 2) this.#auroc.add(likely.odds, target === 1, times);
  }

  accuracy(): number {
    return this.#hits / this.#samples;
  }

  /** The metrics of `furtherOfClasses`. */
  further(): Metrics {
    const figures = this.#confusion.figures(this.names);
    const all: Readonly<Record<string, () => number>> = {
      top5_accuracy: () => this.#amongTop / this.#samples,
      balanced_accuracy: () => balancedAccuracy(figures),
      macro_f1: () => macroF1(figures),
      auroc: () => this.#auroc.area(),
      log_loss: () => this.#logLoss / this.#samples,
      ece: () => this.#calibration.error(),
    };
    const further = furtherOfClasses(this.names.length, this.probabilities);
    return Object.fromEntries(further.map(({ name }) => [name, all[name]!()]));
  }

  detail(): ClassDetail {
    return {
      kind: 'class',
      classes: this.#confusion.figures(this.names),
      confusion: this.#confusion.matrix(),
      calibration: this.probabilities === null ? null : this.#calibration.bins(),
    };
  }
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
