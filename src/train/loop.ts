import type { Batch, DataLoader } from './data/loader.js';
import type { BatchResult, Loss, Program } from './engine/program.js';
import type { LayerFigures } from './events.js';
import { layerFigures } from './layer-figures.js';
import type { ClipOptions } from './optim/clip.js';
import type { Optimizer } from './optim/optimizer.js';
import type { Schedule } from './schedule/index.js';

export interface LoopParts extends ClipOptions {
  readonly program: Program;
  readonly optimizer: Optimizer;
  readonly loader: DataLoader;
  readonly schedule: Schedule;
  /** After every so many steps, what the step did to each layer is found out; null: never. */
  readonly watchEvery: number | null;
  /** Batches whose gradients are added up before a step. */
  readonly accumulate: number;
}

/** One optimizer step and the batches that made it. */
export interface LoopStep {
  readonly batches: readonly (BatchResult & { readonly index: number; readonly size: number })[];
  readonly lr: number;
  readonly gradNorm: number | null;
  /** What the step did to each layer; null when it was not watched. */
  readonly layers: readonly LayerFigures[] | null;
  /** Set when the last batch's loss is not finite: no step was made then. */
  readonly diverged: { readonly tensor: string } | null;
}

/**
 * THE loop: one epoch of training, as every tutorial writes it.
 *
 * @param parts what is trained, on what, and how
 * @param epoch which epoch, counted from 0
 * @param start the first batch to train on and the optimizer steps made so far, both 0 for a new run; the history of
 * the figure that the schedule monitors, default none
 * @returns yields after every optimizer step; ends after the epoch, or after a loss that is not finite
 */
export function* trainEpoch(
  parts: LoopParts,
  epoch: number,
  start: { batch: number; step: number; history?: readonly number[] },
): Generator<LoopStep> {
  const { program, optimizer, loader, schedule, accumulate, watchEvery } = parts;
  let step = start.step;
  let losses: { batch: Batch; loss: Loss }[] = [];

  for (const batch of loader.epoch(epoch, start.batch)) {
    const loss = program.loss(batch); // recorded, not yet run
    if (batch.index % accumulate === 0) {
      optimizer.zeroGrad(); // clears every parameter's grad
      losses = [];
    }
    loss.backward(shareOfStep(parts, batch)); // runs forward and backward, ADDS into each grad
    losses.push({ batch, loss });

    const isComplete = (batch.index + 1) % accumulate === 0 || batch.index + 1 === loader.length;
    const { lr, momentum } = schedule({ epoch, step }, start.history ?? []);
    optimizer.lr = lr;
    if (momentum !== null) optimizer.momentum = momentum;
    const isWatched = isComplete && watchEvery !== null && (step + 1) % watchEvery === 0;
    if (isComplete) {
      if (isWatched) program.remember(); // what the step is going to change
      optimizer.clipGradients(parts); // limits every grad, when told to
      optimizer.step(); // updates data from grad with the current lr
    }
    const goesOn = Number.isFinite(loss.item());
    if (goesOn && !isComplete) continue;
    step += 1;
    yield {
      batches: losses.map(resultOf),
      lr: optimizer.lr,
      gradNorm: goesOn ? optimizer.gradNorm : null,
      layers: isWatched && goesOn ? layerFigures(program.stepFigures()) : null,
      diverged: goesOn ? null : { tensor: program.diagnose(batch, true) },
    };
    if (!goesOn) return;
  }
}

function resultOf({ batch: { index, size }, loss }: { batch: Batch; loss: Loss }) {
  return { index, size, loss: loss.item(), correct: loss.correct() };
}

/**
 * The factor on a batch's loss that makes k accumulated batches of n the same as one batch of k x n. Sums just add up.
 * A mean is one over the batch's own images, so it counts by their share of the images in all batches of its step; a
 * short last batch counts less. (Where classes have weights or do not count, that is near the large batch, not equal.)
 */
function shareOfStep(
  { program, loader, accumulate }: LoopParts,
  { index, size }: { index: number; size: number },
): number {
  if (program.reduction === 'sum') return 1;
  const first = index - (index % accumulate);
  const last = Math.min(first + accumulate, loader.length);
  return size / (Math.min(last * loader.batchSize, loader.samples) - first * loader.batchSize);
}
