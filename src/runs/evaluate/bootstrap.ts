import { setImmediate as nextTurn } from 'node:timers/promises';
import { tensorflow } from '../../train/backend/tensorflow.js';
import type { Batch } from '../../train/data/loader.js';
import type { LossFunction, Targets } from '../../train/loss/index.js';
import { RandomStream } from '../../train/random.js';
import type { Metrics, Readings, Task } from '../../train/task/index.js';
import { isStopped, type Surroundings, tell } from '../surroundings.js';
import type { Difference } from './result.js';

/** What a model says of each sample, kept one by one. */
export class KeptSamples {
  readonly #readings: Readings;
  readonly #losses: number[] = [];
  readonly #weights: number[] = [];
  readonly #targets: number[] = [];

  constructor(
    private readonly task: Task,
    private readonly lossFunction: LossFunction,
  ) {
    this.#readings = task.readings(lossFunction);
  }

  /** What is right of all samples. */
  get targets(): readonly number[] {
    return this.#targets;
  }

  get samples(): number {
    return this.#losses.length;
  }

  /** How many targets a sample has. */
  get each(): number {
    return this.#targets.length / this.samples;
  }

  add({ size, targets }: Pick<Batch, 'size' | 'targets'>, outputs: Float32Array): void {
    this.#readings.add(outputs, targets);
    const each = targets.length / size;
    const rows = this.#rows(outputs, targets, size);
    // Where a sample has several targets each has a loss, and drawn anew are whole samples: their targets hang together.
    const losses = rows.length / size;
    for (let i = 0; i < size; i++) {
      const own = targets.subarray(i * each, (i + 1) * each);
      this.#losses.push(rows.subarray(i * losses, (i + 1) * losses).reduce((sum, loss) => sum + loss, 0));
      this.#weights.push(this.task.divisor(own, this.lossFunction));
      for (const target of own) this.#targets.push(target);
    }
  }

  /** @param counts as how many samples each counts */
  figures(counts: ArrayLike<number>): Metrics {
    let [total, divisor] = [0, 0];
    for (const [i, loss] of this.#losses.entries()) {
      total += loss * counts[i]!;
      divisor += this.#weights[i]! * counts[i]!;
    }
    return { loss: total / divisor, ...this.#readings.metrics(counts) };
  }

  #rows(outputs: Float32Array, targets: Targets, size: number): Float32Array {
    const tf = tensorflow();
    const { task, lossFunction } = this;
    const { dtype, shape } = task.targets;
    return tf.tidy(() => {
      const said = tf.tensor2d(outputs, [size, outputs.length / size]);
      const right = tf.tensor(targets, [size, ...shape], dtype);
      const given = task.forLoss(said, right, lossFunction.takes);
      return lossFunction.rows(given.outputs, given.targets).dataSync() as Float32Array;
    });
  }
}

/** It is not deaf for longer than this. */
const SILENCE_MILLISECONDS = 200;
/** So much of the draws lies within the interval. */
const SHARE = 0.95;

/**
 * How much better one model is than another, and how far that may be off for want of samples: the samples are drawn anew, with
 * replacement, the same ones for both models, and the figures made again.
 *
 *     interval = quantiles 0.025 and 0.975 of the differences
 *
 * @param own what the one model says
 * @param other what the other says of the same samples
 * @param figures of both, on the samples as they are
 * @param draws how often, and the seed
 * @param surroundings told how far it is; its signal stops it
 * @returns each figure's difference; null when it was told to stop
 * @source Efron, Bootstrap methods: another look at the jackknife, 1979: the percentile method, paired
 */
export async function differencesOf(
  own: KeptSamples,
  other: KeptSamples,
  figures: { readonly own: Metrics; readonly other: Metrics },
  { resamples, seed }: { readonly resamples: number; readonly seed: number },
  surroundings: Surroundings = {},
): Promise<Difference[] | null> {
  const names = Object.keys(figures.own).filter((name) => name in figures.other);
  const drawn = new Map(names.map((name) => [name, new Float64Array(resamples)]));
  const counts = new Uint32Array(own.samples);
  let heard = performance.now();
  for (let draw = 0; draw < resamples; draw++) {
    // Of a million samples a thousand draws take minutes.
    if (performance.now() - heard > SILENCE_MILLISECONDS) {
      tell(surroundings, { type: 'prepare', what: 'Drawing samples anew', done: draw, total: resamples });
      await nextTurn();
      if (isStopped(surroundings)) return null;
      heard = performance.now();
    }
    counts.fill(0);
    const random = new RandomStream(seed, 'bootstrap', draw);
    for (let i = 0; i < counts.length; i++) counts[random.integer(counts.length)]! += 1;
    const [a, b] = [own.figures(counts), other.figures(counts)];
    for (const [name, values] of drawn) values[draw] = a[name]! - b[name]!;
  }
  return names.map((figure) => {
    const [value, baseline] = [figures.own[figure]!, figures.other[figure]!];
    return {
      figure,
      value,
      baseline,
      difference: value - baseline,
      interval: intervalOf(drawn.get(figure)!),
    };
  });
}

function intervalOf(values: Float64Array): Difference['interval'] {
  if (!values.every(Number.isFinite)) return null;
  const sorted = values.slice().sort();
  return [quantile(sorted, (1 - SHARE) / 2), quantile(sorted, (1 + SHARE) / 2)];
}

/** Between the two nearest, as numpy.quantile has it by default. */
function quantile(sorted: Float64Array, share: number): number {
  const at = share * (sorted.length - 1);
  const low = Math.floor(at);
  const [a, b] = [sorted[low]!, sorted[Math.ceil(at)]!];
  return a + (b - a) * (at - low);
}
