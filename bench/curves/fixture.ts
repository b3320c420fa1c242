import { createHash } from 'node:crypto';
import { addStep, emptyCurve } from '../../src/train/loss-curve.js';
import { USUAL_LR } from '../../src/train/optim/index.js';
import type { Family } from './families.js';
import type { Labelled, Truth } from './label.js';

export const PARTS = ['made', 'held_out', 'fresh'] as const;

export type Part = (typeof PARTS)[number];

/** A labelled curve as the tests read it. */
export interface LabelledCurve {
  readonly name: string;
  /** What it is good for: the rules were made on it; it was held out at first; it was trained once they were made. */
  readonly part: Part;
  readonly truth: Truth;
  readonly lr: number;
  readonly usualLr: number;
  readonly unit: 'images' | 'rows' | 'sequences';
  /** Whether a step has fewer than eight samples. */
  readonly noisy: boolean;
  /** Whether the loss left the finite numbers through steps. */
  readonly diverged: boolean;
  readonly first: number | null;
  /** Steps of a stretch, and of the last one. */
  readonly span: number;
  readonly lastSpan: number;
  /** Of each stretch the mean and the maximum of the losses. */
  readonly means: readonly number[];
  readonly maxima: readonly number[];
  /** Of each epoch the training loss and the evaluation loss. */
  readonly train: readonly number[];
  readonly evaluation: readonly number[];
}

/** Half of the curves, by their names alone. */
export const isHeldOut = (name: string): boolean => createHash('sha256').update(name).digest()[0]! % 2 === 1;

const rounded = (value: number) => Number(value.toPrecision(4));

/**
 * @param family of the run
 * @param labelled the run, whose truth is known
 * @returns what is kept of it: as the diagnosis gets it, to four digits
 */
function curveOf({ config, epochs, isFresh }: Family, { run, lr, truth }: Labelled): LabelledCurve {
  const steps = run.epochs[epochs - 1]?.step ?? run.losses.length;
  const curve = emptyCurve();
  for (const loss of run.losses.slice(0, steps)) addStep(curve, loss);
  const { dataset, optimizer, loader } = config.yaml;
  return {
    name: run.name,
    part: isFresh ? 'fresh' : isHeldOut(run.name) ? 'held_out' : 'made',
    truth: truth!,
    lr,
    usualLr: USUAL_LR[optimizer.type],
    unit:
      dataset.type === 'text'
        ? 'sequences'
        : ['shapes', 'image_folder'].includes(dataset.type)
          ? 'images'
          : 'rows',
    noisy: loader.batch_size < 8,
    diverged: run.diverged !== null && run.epochs.length < epochs,
    first: curve.first === null ? null : rounded(curve.first),
    span: curve.span,
    lastSpan: curve.stretches.at(-1)?.steps ?? 0,
    means: curve.stretches.map(({ steps, sum }) => rounded(sum / steps)),
    maxima: curve.stretches.map(({ max }) => rounded(max)),
    train: run.epochs.slice(0, epochs).map(({ trainLoss }) => rounded(trainLoss)),
    evaluation: run.epochs.slice(0, epochs).map(({ evalLoss }) => rounded(evalLoss!)),
  };
}

/** Of rates that are too small or too large, so many are kept, those next to the right ones: the others are easy to tell. */
const NEAREST = 2;

/**
 * @param family whose runs were labelled
 * @param labelled from the smallest rate to the largest
 * @returns the curves that are kept, and how many were left out since nothing clear is true of them
 */
export function curvesOf(
  family: Family,
  labelled: readonly Labelled[],
): { readonly curves: LabelledCurve[]; readonly unclear: number } {
  const far = (truth: Truth, order: readonly Labelled[]) =>
    order.filter((one) => one.truth === truth).slice(NEAREST);
  const fromLargest = [...labelled].reverse();
  const left = new Set([
    ...far('too_small', fromLargest),
    ...far('too_large', labelled),
    ...far('diverged', labelled),
  ]);
  const clear = labelled.filter(({ truth }) => truth !== null);
  return {
    curves: clear.filter((one) => !left.has(one)).map((one) => curveOf(family, one)),
    unclear: labelled.length - clear.length,
  };
}
