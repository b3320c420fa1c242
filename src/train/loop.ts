import type { Batch, DataLoader } from './data/loader.js';
import type { BatchResult } from './engine/batch-sums.js';
import type { Loss } from './engine/loss.js';
import type { NonFinite, Program } from './engine/program.js';
import type { LayerFigures } from './events.js';
import { layerFigures } from './layer-figures.js';
import type { ClipOptions } from './optim/clip.js';
import type { Optimizer } from './optim/optimizer.js';
import type { Ranks } from './parallel/ranks.js';
import type { Waiting } from './parallel/waiting.js';
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

/** The same, where several processes may make the steps together; absent: this one alone does. */
export interface SharedLoopParts extends LoopParts {
  readonly ranks?: Ranks | undefined;
}

/** Where an epoch goes on. */
export interface LoopStart {
  readonly batch: number;
  readonly step: number;
  readonly history?: readonly number[];
}

/** One optimizer step and the batches that made it. */
export interface LoopStep {
  /** Where steps are shared, one: all that was added up. */
  readonly batches: readonly (BatchResult & { readonly index: number; readonly size: number })[];
  readonly lr: number;
  /** Those of the optimizer's further groups; absent: it has none. */
  readonly groupLrs?: readonly number[] | undefined;
  readonly gradNorm: number | null;
  /** What the step did to each layer; null when it was not watched. */
  readonly layers: readonly LayerFigures[] | null;
  /** Set when the loss is not finite: no step was made then. */
  readonly diverged: NonFinite | null;
  /** Seconds since the last step by rank 0's clock, where steps are shared. */
  readonly seconds?: number | undefined;
}

/**
 * THE loop: one epoch of training, as every tutorial writes it.
 *
 * @param parts what is trained, on what, and how
 * @param epoch which epoch, counted from 0
 * @param start the first batch to train on and the optimizer steps made so far, both 0 for a new run; the history of
 * the figure that the schedule monitors, default none
 * @returns yields after every optimizer step, and promises to be waited for where several processes make it; ends after the
 * epoch, or after a loss that is not finite
 */
export function trainEpoch(
  parts: LoopParts & { readonly ranks?: undefined },
  epoch: number,
  start: LoopStart,
): Generator<LoopStep>;
export function trainEpoch(parts: SharedLoopParts, epoch: number, start: LoopStart): Waiting<LoopStep, void>;
export function* trainEpoch(
  parts: SharedLoopParts,
  epoch: number,
  start: LoopStart,
): Waiting<LoopStep, void> {
  const { program, optimizer, loader, schedule, watchEvery, ranks } = parts;
  let step = start.step;

  // The next step's batches are made while one is run; of those that are shared, each process makes its part.
  const steps = stepsOf(loader.epoch(epoch, start.batch), parts.accumulate);
  for (const batches of ranks ? steps : program.ahead(steps)) {
    const setting = schedule({ epoch, step }, start.history ?? []);
    optimizer.set(setting); // the learning rate, and the momentum where it is scheduled
    const isWatched = watchEvery !== null && (step + 1) % watchEvery === 0;

    // Zeroed, run forward and backward as below, but in parts, and added up over all processes: the sums say whether there is
    // a step, with which gradients and loss.
    const shared = ranks ? yield* ranks.step(batches) : null;
    // Of all batches of the step, so that their losses add up to that of one.
    const divisor = program.divisor(batches);
    const losses: Loss[] = [];
    if (!shared) optimizer.zeroGrad(); // clears every parameter's grad
    for (const batch of shared ? [] : batches) {
      const loss = program.loss(batch, divisor); // recorded, not yet run
      loss.backward(); // runs forward and backward, ADDS into each grad
      losses.push(loss);
      // Asked only between two batches: after the last one, the step may run along with it.
      if (losses.length < batches.length && !hasValue(loss)) break;
    }
    if (shared || losses.length === batches.length) {
      if (isWatched) program.remember(); // what the step is going to change
      optimizer.clipGradients(parts); // limits every grad, when told to
      optimizer.step(); // updates data from grad with the current lr
    }

    const goesOn = shared ? shared.isFinite : hasValue(losses.at(-1)!);
    const { index } = batches.at(-1)!;
    step += 1;
    yield {
      batches: shared ? [{ ...shared, index, size: shared.samples }] : losses.map(ofBatch),
      lr: optimizer.lr,
      groupLrs: setting.groupLrs,
      gradNorm: goesOn ? optimizer.gradNorm : null,
      layers: isWatched && goesOn ? layerFigures(program.stepFigures()) : null,
      diverged: goesOn
        ? null
        : (ranks?.diagnose(batches) ?? program.diagnose(batches[losses.length - 1]!, true)),
      seconds: ranks?.seconds,
    };
    if (!goesOn) return;
  }
}

const hasValue = (loss: Loss): boolean => Number.isFinite(loss.item());

/** What a batch gave, and which it is. */
function ofBatch(made: Loss): LoopStep['batches'][number] {
  const { loss, total, divisor, sums } = made.result();
  const { index, size } = made.batch;
  return { loss, total, divisor, sums, index, size };
}

/** The batches of each optimizer step; fewer for the last one of an epoch. */
function* stepsOf(batches: Iterable<Batch>, accumulate: number): Generator<Batch[]> {
  let step: Batch[] = [];
  for (const batch of batches) {
    step.push(batch);
    if (step.length < accumulate) continue;
    yield step;
    step = [];
  }
  if (step.length > 0) yield step;
}
