import { RandomStream } from '../random.js';
import { classCounts, type Dataset } from './dataset.js';

/**
 * Draws samples with replacement, as many as there are, so that every class comes up as often: a class by lot, then one of its
 * samples by lot. So sample i of class c comes with the probability
 *
 *     p[i] = 1 / (classes * count[c]),   classes: those that a sample is of
 *
 * which is that of weights 1 / count[c]. Of a rare class the same samples come several times in an epoch, of a frequent one many
 * do not come at all. What is drawn is a function of seed and epoch.
 *
 * @source https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.WeightedRandomSampler
 */
export class BalancedSampler {
  /** The samples of each class that there are any of. */
  readonly #classes: readonly Uint32Array[];

  /**
   * @param dataset with classes for targets
   * @param records how many of its samples are in use, from the first on
   */
  constructor(
    { spec, targets, ...rest }: Dataset,
    private readonly records: number,
  ) {
    const counts = classCounts({ spec, targets, ...rest }, records) ?? [];
    const samples = counts.map((count) => new Uint32Array(count));
    const filled = counts.map(() => 0);
    for (let i = 0; i < records; i++) {
      const own = targets[i]!;
      samples[own]![filled[own]!] = i;
      filled[own]! += 1;
    }
    this.#classes = samples.filter(({ length }) => length > 0);
  }

  /** The samples of an epoch, in order. */
  draw(seed: number, epoch: number): Uint32Array {
    const random = new RandomStream(seed, 'sampler', epoch);
    return Uint32Array.from({ length: this.records }, () => {
      const own = this.#classes[random.integer(this.#classes.length)]!;
      return own[random.integer(own.length)]!;
    });
  }
}
