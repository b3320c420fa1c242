import { type Scalar, type Tensor, tensorflow } from '../backend/tensorflow.js';
import type { Targets } from '../loss/index.js';
import { MAE, R2, RMSE } from './metrics.js';
import type { Measure, Metric, Sums, Task, ValueTarget } from './task.js';

/**
 * Below this share of the sum of their squares, what the targets vary by is rounding: they are constant. Of targets held as
 * float32 anything smaller cannot be told.
 */
const CONSTANT = 1e-12;

/**
 * Which real values belong to a sample: the model gives a number for each.
 *
 *     rmse = mean over k of sqrt(sum_i (y[i, k] - o[i, k])^2 / n)
 *     mae  = mean over k of sum_i |y[i, k] - o[i, k]| / n
 *     r2   = mean over k of 1 - sum_i (y[i, k] - o[i, k])^2 / sum_i (y[i, k] - mean_k)^2
 *
 * in the units of the values, whatever batches hold: of standardised targets t the residuals are std (t - o). Of several
 * values each has a figure of its own, and their mean counts, as scikit-learn's `uniform_average`. The mean that r2 compares
 * with is that of the very samples that are measured. Where these are constant, or one sample is all there is, r2 is 1 without residuals, else 0
 * (of one sample scikit-learn says nothing: a figure that is no number could not be monitored).
 *
 * Everything is made of sums, so that it does not matter how samples are cut into batches. Sums of targets are taken in float64
 * of distances from the training mean: squares of values far from zero would swallow what they vary by.
 *
 * @param target the values: their names, training mean and, where they are standardised, standard deviation
 * @returns the task: targets are [batch, values], float32
 * @source sklearn.metrics.root_mean_squared_error, mean_absolute_error, r2_score
 */
export function regression({ names, mean, std }: ValueTarget): Task {
  const values = names.map((_, k) => k);
  const width = names.length;
  /** In the units of the values. */
  const unit = (k: number) => std?.[k] ?? 1;
  /** Where distances of batches' targets are measured from. */
  const centre = (k: number) => (std ? 0 : (mean?.[k] ?? 0));
  const measured = values.flatMap((k) => [`squares_${k}`, `absolutes_${k}`]);
  const distances = values.flatMap((k) => [`distances_${k}`, `square_distances_${k}`]);
  const average = (of: (k: number) => number) => values.reduce((sum, k) => sum + of(k), 0) / width;
  /** Of one value. */
  const each: readonly (Measure & { readonly ofValue: (k: number, sums: Sums) => number })[] = [
    {
      ...{ ...RMSE, chance: null },
      ofValue: (k, sums) => unit(k) * Math.sqrt(sums[`squares_${k}`]! / sums.samples!),
    },
    {
      ...{ ...MAE, chance: null },
      ofValue: (k, sums) => (unit(k) * sums[`absolutes_${k}`]!) / sums.samples!,
    },
    { ...{ ...R2, chance: 0 }, ofValue: r2Of },
  ];
  const metrics = each.map(
    ({ ofValue, ...metric }): Metric => ({ ...metric, of: (sums) => average((k) => ofValue(k, sums)) }),
  );
  const count: Task['count'] = (targets) => {
    const samples = targets.length / width;
    const sums = values.flatMap((k) => {
      let [sum, squares] = [0, 0];
      for (let at = k; at < targets.length; at += width) {
        const distance = targets[at]! - centre(k);
        sum += distance;
        squares += distance * distance;
      }
      return [[`distances_${k}`, sum] as const, [`square_distances_${k}`, squares] as const];
    });
    return { ...Object.fromEntries(sums), samples };
  };
  return {
    targets: { dtype: 'float32', shape: [width] },
    outputs: width,
    sums: {
      ...Object.fromEntries([...measured, ...distances].map((name) => [name, 'real' as const])),
      samples: 'count',
    },
    measured,
    metrics,
    further: () => [],

    scores(loss) {
      const total: Record<string, number> = {};
      return {
        add(outputs, targets) {
          const sums = { ...count(targets, loss), ...residualsOf(outputs, targets, width) };
          for (const [name, sum] of Object.entries(sums)) total[name] = (total[name] ?? 0) + sum;
        },
        metrics: () => ({}),
        detail: () => ({
          kind: 'value',
          values: names.map((name, k) => ({
            name,
            metrics: Object.fromEntries(each.map((metric) => [metric.name, metric.ofValue(k, total)])),
          })),
        }),
      };
    },

    readings(loss) {
      const samples: Sums[] = [];
      return {
        add(outputs, targets) {
          for (let at = 0; at < targets.length; at += width) {
            const own = targets.subarray(at, at + width);
            samples.push({
              ...count(own, loss),
              ...residualsOf(outputs.subarray(at, at + width), own, width),
            });
          }
        },
        metrics(counts) {
          const total: Record<string, number> = {};
          for (const [i, sums] of samples.entries()) {
            if (counts[i] === 0) continue;
            for (const name in sums) total[name] = (total[name] ?? 0) + sums[name]! * counts[i]!;
          }
          return Object.fromEntries(metrics.map((metric) => [metric.name, metric.of(total)]));
        },
      };
    },

    forLoss: (outputs, targets) => ({ outputs, targets }),

    divisor: (targets, loss) => (targets.length / width) * loss.weight(width),

    measure(outputs, targets) {
      const tf = tensorflow();
      const residuals = tf.sub(outputs, targets);
      const [squares, absolutes] = [tf.square(residuals), tf.abs(residuals)];
      // Of a single value the sum of all is its own, without a slice.
      const sumOf = (of: Tensor, k: number): Scalar =>
        tf.sum(width === 1 ? of : tf.slice(of, [0, k], [-1, 1]));
      return Object.fromEntries(
        values.flatMap((k) => [
          [`squares_${k}`, sumOf(squares, k)],
          [`absolutes_${k}`, sumOf(absolutes, k)],
        ]),
      );
    },

    count,
  };
}

/** The sums of `measure`, in float64. */
function residualsOf(outputs: Float32Array, targets: Targets, width: number): Record<string, number> {
  const sums: Record<string, number> = {};
  for (let k = 0; k < width; k++) {
    let [squares, absolutes] = [0, 0];
    for (let at = k; at < targets.length; at += width) {
      const residual = outputs[at]! - targets[at]!;
      squares += residual * residual;
      absolutes += Math.abs(residual);
    }
    Object.assign(sums, { [`squares_${k}`]: squares, [`absolutes_${k}`]: absolutes });
  }
  return sums;
}

/** Of one value; residuals and distances are in the same units. */
function r2Of(k: number, sums: Sums): number {
  const samples = sums.samples!;
  const squares = sums[`square_distances_${k}`]!;
  const variation = squares - sums[`distances_${k}`]! ** 2 / samples;
  if (variation <= CONSTANT * squares) return sums[`squares_${k}`] === 0 ? 1 : 0;
  return 1 - sums[`squares_${k}`]! / variation;
}
