import type { CalibrationBin } from './scores.js';

/** As in the paper. */
const BINS = 15;

/**
 * How often a model is right, against how sure it is: with the samples in 15 bins by the probability p of the class that the
 * model says, bin b the samples with p in ((b - 1) / 15, b / 15],
 *
 *     ece = sum over b of n[b] / n * |accuracy[b] - mean p[b]|
 *
 * @source Guo et al., On Calibration of Modern Neural Networks, https://arxiv.org/abs/1706.04599
 */
export class Calibration {
  readonly #samples = new Float64Array(BINS);
  readonly #confidence = new Float64Array(BINS);
  readonly #hits = new Float64Array(BINS);
  #isDefined = true;

  /**
   * @param confidence the greatest probability of a sample
   * @param isRight whether it is that of the sample's class
   * @param times as how many samples it counts
   */
  add(confidence: number, isRight: boolean, times = 1): void {
    // Outputs that are not finite have no probabilities, and then the whole has no figure.
    if (Number.isNaN(confidence)) this.#isDefined = false;
    else {
      const bin = Math.min(Math.max(Math.ceil(confidence * BINS) - 1, 0), BINS - 1);
      this.#samples[bin]! += times;
      this.#confidence[bin]! += confidence * times;
      this.#hits[bin]! += isRight ? times : 0;
    }
  }

  /** 0: every probability is as often right as it says. NaN without samples. */
  error(): number {
    if (!this.#isDefined) return Number.NaN;
    let [apart, samples] = [0, 0];
    for (let bin = 0; bin < BINS; bin++) {
      apart += Math.abs(this.#hits[bin]! - this.#confidence[bin]!);
      samples += this.#samples[bin]!;
    }
    return apart / samples;
  }

  bins(): CalibrationBin[] {
    return Array.from(this.#samples, (samples, bin) => ({
      from: bin / BINS,
      to: (bin + 1) / BINS,
      samples,
      confidence: this.#confidence[bin]! / samples,
      accuracy: this.#hits[bin]! / samples,
    }));
  }
}
