/** What is trained: `models/<name>.yaml`, and the same in every peer. */
export type ModelName = 'tutorial' | 'batch-norm';

/** One measurement: every peer trains this model on batches of this size. */
export interface Setting {
  readonly model: ModelName;
  /** Images per step. */
  readonly batch: number;
  /** Steps of one repetition: an epoch over `batch x steps` images. */
  readonly steps: number;
}

/** Steps that take every peer about a second, and as few as tell anything. */
const STEPS: Readonly<Record<number, { full: number; quick: number }>> = {
  1: { full: 300, quick: 20 },
  8: { full: 120, quick: 10 },
  64: { full: 32, quick: 4 },
  256: { full: 10, quick: 2 },
};

/** Batch sizes that can be measured. */
export const BATCHES: readonly number[] = Object.keys(STEPS).map(Number);

const BATCH_NORM_BATCH = 64;

/**
 * @param batches batch sizes wanted
 * @param quick whether a check is enough
 * @returns the tutorial's CNN at each of them, and the CNN with batch normalisation at 64 when that is among them
 */
export function settingsFor(batches: readonly number[], quick: boolean): Setting[] {
  const of = (model: ModelName, batch: number): Setting => ({
    model,
    batch,
    steps: STEPS[batch]![quick ? 'quick' : 'full'],
  });
  return [
    ...batches.map((batch) => of('tutorial', batch)),
    ...(batches.includes(BATCH_NORM_BATCH) ? [of('batch-norm', BATCH_NORM_BATCH)] : []),
  ];
}

/** What a setting is called in tables. */
export const titleOf = ({ model, batch }: Setting): string =>
  model === 'tutorial' ? `batch ${batch}` : `batch norm, ${batch}`;

/** [multiply-adds of a layer's forward pass for one image], the tutorial's three convolutions and two linear layers. */
const MULTIPLY_ADDS = [
  32 * 32 * 32 * (5 * 5 * 3),
  16 * 16 * 32 * (5 * 5 * 32),
  8 * 8 * 64 * (5 * 5 * 32),
  1024 * 64,
  64 * 10,
] as const;

/**
 * Floating-point operations of a training step of the tutorial's CNN, counting its matrix products only.
 *
 *     batch x 2 x (3 x all - first)
 *
 * forward once, backward twice (gradients of weights and of inputs), less the gradient of the images, which nobody needs.
 *
 * @param batch images per step
 * @returns the number of operations, a multiplication and an addition counting as two
 */
export function tutorialFlops(batch: number): number {
  const all = MULTIPLY_ADDS.reduce((sum, count) => sum + count, 0);
  return batch * 2 * (3 * all - MULTIPLY_ADDS[0]);
}
