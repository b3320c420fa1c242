/** Room for the first scores. */
const FIRST = 1024;

/**
 * The area under the receiver operating characteristic of two classes: with scores p of the samples of the second class and n of
 * those of the first,
 *
 *     auroc = (pairs with p > n + half the pairs with p = n) / pairs
 *
 * The score of every sample is kept, 8 bytes each, as the figure cannot be made of sums.
 *
 * @source sklearn.metrics.roc_auc_score
 */
export class Auroc {
  readonly #first = new Growing();
  readonly #second = new Growing();

  /**
   * @param score how much speaks for the second class
   * @param isSecond whether the sample is of it
   * @param times as how many samples it counts
   */
  add(score: number, isSecond: boolean, times = 1): void {
    const own = isSecond ? this.#second : this.#first;
    for (let i = 0; i < times; i++) own.push(score);
  }

  /** NaN where all samples are of one class, or a score is not a number: there is no such area. */
  area(): number {
    const [first, second] = [this.#first.sorted(), this.#second.sorted()];
    // Sorting puts what is no number last.
    if (Number.isNaN(first.at(-1) ?? 0) || Number.isNaN(second.at(-1) ?? 0)) return Number.NaN;
    let [below, upTo, pairs] = [0, 0, 0];
    for (const score of second) {
      while (below < first.length && first[below]! < score) below += 1;
      while (upTo < first.length && first[upTo]! <= score) upTo += 1;
      pairs += (below + upTo) / 2;
    }
    return pairs / (first.length * second.length);
  }
}

/** Numbers one after the other, without an object for each. */
class Growing {
  #values = new Float64Array(FIRST);
  #length = 0;

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const larger = new Float64Array(2 * this.#length);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#length] = value;
    this.#length += 1;
  }

  sorted(): Float64Array {
    return this.#values.slice(0, this.#length).sort();
  }
}
