import type { CheckpointStore, Progress } from './checkpoint.js';
import type { DataLoader } from './data/loader.js';
import { type Diagnosis, type DiagnosisInput, diagnose, smallerLr } from './diagnosis.js';
import { type EvaluationResult, evaluate } from './evaluate.js';
import type { DivergedEvent, EndEvent, EpochFigures, StepEvent, TrainEvent } from './events.js';
import { type LoopParts, type LoopStep, trainEpoch } from './loop.js';
import { addStep, emptyCurve } from './loss-curve.js';
import { addBatch, emptyTally, lossAsOneBatch, means } from './metrics.js';
import type { Monitor } from './schedule/index.js';

export interface TrainerOptions {
  /** The learning rate that the configuration names: what a smaller one is suggested from. */
  readonly lr: number;
  readonly epochs: number;
  /** Evaluate every so many epochs and after the last; 0: never. */
  readonly evaluateEvery: number;
  /** Save within an epoch too, every so many steps; null: only after it. */
  readonly checkpointEverySteps: number | null;
  /** The figure that decides which epoch is best. */
  readonly monitor: Monitor;
  /** The figure that the schedule follows; null: it follows none. */
  readonly scheduleMonitor: Monitor | null;
  /**
   * What a diagnosis of the run has to know: the learning rate to start from with this optimizer, and whether a
   * schedule lowers it. null: none is made, as where the loss is to grow.
   */
  readonly diagnosis: Pick<DiagnosisInput, 'usualLr' | 'isScheduled' | 'isNoisy'> | null;
}

export interface TrainerParts extends LoopParts {
  /** null: there is nothing to evaluate on. */
  readonly evalLoader: DataLoader | null;
  /** null: nothing is written. */
  readonly checkpoints: CheckpointStore | null;
}

/** How a part of the run went: only `done` goes on. */
type Outcome = EndEvent['status'];

/**
 * Trains to the end: epochs of the loop, evaluation, checkpoints. A generator of events, so that whoever drives it
 * decides what is shown, and lets signals in between two of them.
 */
export class Trainer {
  /**
   * @param parts what is trained, on what, and where it is saved
   * @param options how many epochs, and what happens how often
   * @param progress where to begin: `newProgress()`, or what `CheckpointStore.load` gave; kept up to date
   * @param signal when aborted, the run ends after the step under way, saved
   */
  constructor(
    private readonly parts: TrainerParts,
    private readonly options: TrainerOptions,
    readonly progress: Progress,
    private readonly signal: AbortSignal,
  ) {}

  /** Yields the run's events, `end` last. */
  *run(): Generator<TrainEvent> {
    let outcome: Outcome = 'done';
    while (outcome === 'done' && this.progress.epoch < this.options.epochs) {
      outcome = yield* this.#epoch();
    }
    const { epoch, step } = this.progress;
    yield { type: 'end', status: outcome, epoch, step, diagnosis: this.#diagnose(outcome) };
  }

  /** Nothing is to be said of a run that will go on. */
  #diagnose(outcome: Outcome): Diagnosis | null {
    const { lr, diagnosis } = this.options;
    if (diagnosis === null || outcome === 'interrupted') return null;
    const divergedLr = outcome === 'diverged' ? this.#smallerLr() : null;
    return diagnose({ ...diagnosis, curve: this.progress.curve, lr, divergedLr });
  }

  *#epoch(): Generator<TrainEvent, Outcome> {
    const { progress } = this;
    const imagesBefore = progress.tally.images;
    const started = performance.now();
    const outcome = yield* this.#trainEpoch();
    if (outcome !== 'done') return outcome;

    const trained = performance.now();
    const evaluated = this.#isEvaluated(progress.epoch + 1) ? yield* this.#evaluate() : null;
    if (evaluated === 'interrupted') return yield* this.#save('interrupted');
    if (evaluated?.nonFinite) {
      yield this.#diverged('evaluation', progress.step, evaluated.loss, evaluated.nonFinite);
      return 'diverged';
    }
    const evalSeconds = (performance.now() - trained) / 1000;
    const trainSeconds = (trained - started) / 1000;
    const imagesPerSecond = (progress.tally.images - imagesBefore) / trainSeconds;
    const figures = this.#closeEpoch(evaluated);
    yield { type: 'epoch', ...figures, trainSeconds, evalSeconds, imagesPerSecond };
    const isLast = progress.epoch === this.options.epochs;
    return yield* this.#save(this.signal.aborted && !isLast ? 'interrupted' : 'done');
  }

  *#trainEpoch(): Generator<TrainEvent, Outcome> {
    const { progress, options, signal } = this;
    for (const step of trainEpoch(this.parts, progress.epoch, progress)) {
      for (const batch of step.batches) addBatch(progress.tally, batch, this.parts.program.reduction);
      progress.lr = step.lr;
      if (step.diverged) {
        yield this.#diverged('training', progress.step + 1, step.batches.at(-1)!.loss, step.diverged.tensor);
        return 'diverged';
      }
      progress.step += 1;
      progress.batch = step.batches.at(-1)!.index + 1;
      const event = this.#stepEvent(step);
      addStep(progress.curve, event.loss);
      yield event;
      if (step.layers)
        yield { type: 'layers', epoch: progress.epoch + 1, step: progress.step, layers: step.layers };
      const due = options.checkpointEverySteps && progress.step % options.checkpointEverySteps === 0;
      if (!signal.aborted && !due) continue;
      const saved = yield* this.#save(signal.aborted ? 'interrupted' : 'done');
      if (saved !== 'done') return saved;
    }
    return 'done';
  }

  *#evaluate(): Generator<TrainEvent, EvaluationResult | 'interrupted'> {
    const { program, evalLoader } = this.parts;
    const evaluation = evaluate(program, evalLoader!);
    let next = evaluation.next();
    while (!next.done) {
      const position = { epoch: this.progress.epoch + 1, batch: next.value, batches: evalLoader!.length };
      yield { type: 'evaluation', ...position };
      // Evaluation takes long on large sets: rather than finish it, repeat it on resume.
      if (this.signal.aborted) return 'interrupted';
      next = evaluation.next();
    }
    return next.value;
  }

  /** Saves, unless there is something to save that no run could go on from. */
  *#save(outcome: Outcome): Generator<TrainEvent, Outcome> {
    const { progress, parts } = this;
    const tensor = parts.program.nonFiniteParameter();
    if (tensor !== null) {
      yield this.#diverged('saving', progress.step, Number.NaN, tensor);
      return 'diverged';
    }
    if (!parts.checkpoints) return outcome;
    yield { type: 'saving' };
    const file = parts.checkpoints.save(progress);
    yield { type: 'checkpoint', epoch: progress.epoch, step: progress.step, file };
    return outcome;
  }

  #isEvaluated(epoch: number): boolean {
    const { evaluateEvery, epochs } = this.options;
    return (
      this.parts.evalLoader !== null && evaluateEvery > 0 && (epoch % evaluateEvery === 0 || epoch === epochs)
    );
  }

  /** Moves on to the next epoch; returns the figures of this one. */
  #closeEpoch(evaluated: EvaluationResult | null): EpochFigures {
    const { progress, options } = this;
    const { loss: trainLoss, accuracy: trainAccuracy } = means(progress.tally);
    const epoch = progress.epoch + 1;
    const monitored: Record<Monitor, number | undefined> = {
      eval_loss: evaluated?.loss,
      eval_accuracy: evaluated?.accuracy,
      train_loss: trainLoss,
    };
    const value = monitored[options.monitor];
    const higherIsBetter = options.monitor === 'eval_accuracy';
    const best =
      value !== undefined &&
      (progress.best === null ||
        (higherIsBetter ? value > progress.best.value : value < progress.best.value));
    if (best) progress.best = { epoch, value };
    // Always a number: a loss that is not finite has ended the run before.
    const followed = options.scheduleMonitor === null ? undefined : monitored[options.scheduleMonitor];
    if (followed !== undefined) progress.history.push(followed);
    progress.curve.epochs.push({ trainLoss, evalLoss: evaluated?.loss ?? null });
    const { runningLoss } = progress.tally;
    const figures: EpochFigures = {
      epoch,
      step: progress.step,
      runningLoss,
      trainLoss,
      trainAccuracy,
      lr: progress.lr,
      evalLoss: evaluated?.loss ?? null,
      evalAccuracy: evaluated?.accuracy ?? null,
      best,
    };
    Object.assign(progress, { epoch, batch: 0, tally: emptyTally(), last: figures });
    return figures;
  }

  #stepEvent({ batches, lr, gradNorm }: LoopStep): StepEvent {
    const { epoch, step, batch, tally } = this.progress;
    const own = emptyTally();
    const { reduction } = this.parts.program;
    for (const result of batches) addBatch(own, result, reduction);
    return {
      type: 'step',
      epoch: epoch + 1,
      step,
      batch,
      loss: lossAsOneBatch(own, reduction),
      runningLoss: tally.runningLoss,
      lr,
      gradNorm,
    };
  }

  #diverged(phase: DivergedEvent['phase'], step: number, loss: number, tensor: string): DivergedEvent {
    const { lr, epoch } = this.progress;
    const suggestedLr = this.#smallerLr();
    return { type: 'diverged', phase, epoch: epoch + 1, step, loss, tensor, lr, suggestedLr };
  }

  #smallerLr(): number {
    const { lr, diagnosis } = this.options;
    return smallerLr(lr, diagnosis?.usualLr ?? null);
  }
}

/** Where a new run begins. */
export function newProgress(): Progress {
  const position = { epoch: 0, batch: 0, step: 0, lr: 0 };
  return { ...position, tally: emptyTally(), last: null, best: null, history: [], curve: emptyCurve() };
}
