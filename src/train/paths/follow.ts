import { tensorflow } from '../backend/tensorflow.js';
import { plainLayout } from '../model/layout.js';
import { Parameter } from '../model/parameter.js';
import type { ClipOptions } from '../optim/clip.js';
import { createOptimizer, type Grouping, type OptimizerOptions } from '../optim/index.js';
import { RandomStream } from '../random.js';
import { createSchedule, type ScheduleOptions } from '../schedule/index.js';
import type { Point, Surface, View } from './surfaces.js';

/** What makes the steps: the same objects that train a network. */
export interface Walker {
  readonly optimizer: OptimizerOptions & Grouping;
  readonly schedule: ScheduleOptions;
  readonly clip: ClipOptions;
}

/** A path over a surface. */
export interface Path {
  /** The start, and the point after each step; none that is not finite. */
  readonly points: readonly Point[];
  /** The surface's value at each of them, without noise. */
  readonly values: readonly number[];
  /** The step from which on the value is as low as the goal to the end: who only passes by has not arrived. null: none is. */
  readonly reachedAt: number | null;
  /** The step that led out of all bounds, with which the path ends; null: none did. */
  readonly divergedAt: number | null;
}

/** So many times the width of what is drawn from its middle, a path is lost. */
const LOST = 1000;

/**
 * Lets an optimizer walk over a surface: its own code, its own memory, its own schedule. As in a training of a single batch, every
 * step is an epoch:
 *
 *     grad = gradient(x, y) + noise * N(0, 1)     drawn from (seed, step): the same for every optimizer
 *     zero_grad, backward, clip, step
 *
 * @param surface what is walked on
 * @param walker optimizer, schedule and clipping
 * @param start where the path begins
 * @param options steps: how many at most; seed: of the noise
 * @returns the path; it goes on when the goal is reached, and ends where it diverges
 */
export function follow(
  surface: Surface,
  { optimizer: options, schedule: scheduled, clip }: Walker,
  start: Point,
  { steps, seed }: { readonly steps: number; readonly seed: number },
): Path {
  const tf = tensorflow();
  const parameter = new Parameter('point', [2], plainLayout([2]));
  parameter.load(Float32Array.from(start));
  const optimizer = createOptimizer(options, [parameter]);
  const schedule = createSchedule(scheduled, options.lr, { epoch: steps, step: steps });
  let [x, y] = parameter.values() as unknown as [number, number];
  const points: Point[] = [[x, y]];
  const values = [surface.value(x, y)];
  let divergedAt: number | null = null;
  try {
    for (let t = 0; t < steps && divergedAt === null; t++) {
      const slopes = noisy(surface, [x, y], seed, t);
      optimizer.zeroGrad();
      parameter.accumulate(tf.tensor1d([...slopes]));
      optimizer.clipGradients(clip);
      // What a run would know by then: of each step the loss before it, from the training, or after it, from the evaluation.
      const known = schedule.monitor === 'train_loss' ? values.slice(0, -1) : values.slice(1);
      optimizer.set(schedule.at({ epoch: t, step: t }, known));
      optimizer.step();
      [x, y] = parameter.values() as unknown as [number, number];
      const value = surface.value(x, y);
      if (Number.isFinite(x + y + value)) {
        points.push([x, y]);
        values.push(value);
      }
      if (!Number.isFinite(x + y + value) || isLost([x, y], surface.view)) divergedAt = t + 1;
    }
  } finally {
    optimizer.dispose();
    parameter.dispose();
  }
  const reached = values.findLastIndex((value) => value > surface.goal) + 1;
  return { points, values, reachedAt: reached === values.length ? null : reached, divergedAt };
}

function noisy({ gradient, noise }: Surface, [x, y]: Point, seed: number, step: number): Point {
  const [dx, dy] = gradient(x, y);
  if (noise === 0) return [dx, dy];
  const stream = new RandomStream(seed, 'paths', step);
  return [dx + noise * stream.normal(), dy + noise * stream.normal()];
}

function isLost([x, y]: Point, view: View): boolean {
  const isFar = (at: number, [from, to]: readonly [number, number]) =>
    Math.abs(at - (from + to) / 2) > LOST * (to - from);
  return isFar(x, view.x) || isFar(y, view.y);
}
