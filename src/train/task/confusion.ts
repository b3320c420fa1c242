import type { ClassFigures } from './scores.js';

/** Counts which class is taken for which. */
export class Confusion {
  /** [right class][said class], in one piece. */
  readonly #counts: Float64Array;

  constructor(private readonly classes: number) {
    this.#counts = new Float64Array(classes * classes);
  }

  /** @param times as how many samples it counts */
  add(target: number, said: number, times = 1): void {
    this.#counts[target * this.classes + said]! += times;
  }

  /** [right class][said class] */
  matrix(): number[][] {
    const { classes } = this;
    return Array.from({ length: classes }, (_, target) => [
      ...this.#counts.subarray(target * classes, (target + 1) * classes),
    ]);
  }

  /**
   * With n[t, s] the samples of class t that are taken for s:
   *
   *     precision[c] = n[c, c] / sum over t of n[t, c]
   *     recall[c]    = n[c, c] / sum over s of n[c, s]
   *     f1[c]        = 2 n[c, c] / (sum over t of n[t, c] + sum over s of n[c, s])
   *
   * Where a divisor is 0, so is the figure: `zero_division` as scikit-learn has it by default.
   *
   * @param names of the classes
   * @returns the figures of each
   * @source sklearn.metrics.precision_recall_fscore_support
   */
  figures(names: readonly string[]): ClassFigures[] {
    const support = new Float64Array(this.classes);
    const said = new Float64Array(this.classes);
    this.#counts.forEach((count, i) => {
      support[Math.floor(i / this.classes)]! += count;
      said[i % this.classes]! += count;
    });
    return names.map((name, c) => {
      const hits = this.#counts[c * this.classes + c]!;
      return {
        name,
        precision: share(hits, said[c]!),
        recall: share(hits, support[c]!),
        f1: share(2 * hits, said[c]! + support[c]!),
        support: support[c]!,
        said: said[c]!,
      };
    });
  }
}

/**
 * Mean recall over the classes that samples are of. A class without samples has no recall and does not count.
 *
 * @source sklearn.metrics.balanced_accuracy_score
 */
export function balancedAccuracy(figures: readonly ClassFigures[]): number {
  return mean(figures.filter(({ support }) => support > 0).map(({ recall }) => recall));
}

/**
 * Mean F1 over the classes that a sample is of or is taken for: scikit-learn's default for `labels`.
 *
 * @source sklearn.metrics.f1_score with average="macro"
 */
export function macroF1(figures: readonly ClassFigures[]): number {
  return mean(figures.filter(({ support, said }) => support + said > 0).map(({ f1 }) => f1));
}

const share = (part: number, whole: number) => (whole === 0 ? 0 : part / whole);

/** NaN of none. */
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
