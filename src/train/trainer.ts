import type { CheckpointStore, Progress } from './checkpoint.js';
import { closeEpoch } from './close-epoch.js';
import type { DataLoader } from './data/loader.js';
import { type Diagnosis, type DiagnosisInput, diagnose } from './diagnosis.js';
import { Divergences } from './divergence.js';
import { type EvaluationResult, evaluate } from './evaluate.js';
import type { EndEvent, TestFigures, TrainEvent } from './events.js';
import { type LoopParts, trainEpoch } from './loop.js';
import { addStep } from './loss-curve.js';
import { addBatch } from './metrics.js';
import { RankError } from './parallel/group.js';
import type { Ranks } from './parallel/ranks.js';
import { awaited, type Waiting } from './parallel/waiting.js';
import { evaluationEvents, stepEvent } from './progress-events.js';
import { overBy, type StoppingOptions } from './stopping.js';
import type { Monitor } from './task/index.js';

export interface TrainerOptions extends StoppingOptions {
  /** The learning rate that the configuration names: what a smaller one is suggested from. */
  readonly lr: number;
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
  readonly diagnosis: Pick<DiagnosisInput, 'usualLr' | 'isScheduled' | 'isNoisy' | 'unit'> | null;
}

export interface TrainerParts extends LoopParts {
  /** null: there is nothing to evaluate on. */
  readonly evalLoader: DataLoader | null;
  /** What is looked at once, at the end; null: nothing is. */
  readonly testLoader: DataLoader | null;
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
   * @param parts what is trained, on what, where it is saved, and with which other processes; default: with none
   * @param options how many epochs, and what happens how often
   * @param progress where to begin: `newProgress(task)`, or what `CheckpointStore.load` gave; kept up to date
   * @param signal when aborted, the run ends after the step under way, saved
   */
  constructor(
    private readonly parts: TrainerParts & { readonly ranks?: Ranks | undefined },
    private readonly options: TrainerOptions,
    readonly progress: Progress,
    private readonly signal: AbortSignal,
  ) {
    this.#divergences = new Divergences(progress, parts.program.task, options);
  }

  readonly #divergences: Divergences;
  /** Whether the model has the weights that were chosen for the end: none that a run could go on from. */
  #hasChosenWeights = false;

  /** Whether the run is to end: all that share steps end after the same one, whichever of them was told to. */
  get #isStopped(): boolean {
    return this.parts.ranks ? this.parts.ranks.isStopped : this.signal.aborted;
  }

  /** Yields the run's events, `end` last. */
  run(): Generator<TrainEvent> {
    if (this.parts.ranks) throw new Error('several processes are waited for: use runTogether()');
    return this.#run() as Generator<TrainEvent>;
  }

  /**
   * The same, where several processes train together. When another rank is lost, the run is saved as it was after the last
   * step that all have made.
   *
   * @throws RankError when another rank does not take part any more
   */
  async *runTogether(): AsyncGenerator<TrainEvent, void> {
    try {
      yield* awaited(this.#run());
    } catch (error) {
      if (!(error instanceof RankError)) throw error;
      if (!this.#hasChosenWeights) {
        this.parts.ranks?.undo();
        yield* this.#save('interrupted') as Generator<TrainEvent, Outcome>;
      }
      throw error;
    }
  }

  *#run(): Waiting<TrainEvent, void> {
    let outcome: Outcome = 'done';
    while (outcome === 'done' && overBy(this.progress, this.options) === null) {
      outcome = yield* this.#epoch();
    }
    const over = overBy(this.progress, this.options);
    if (outcome === 'done' && this.options.earlyStopping?.restoreBest) this.parts.checkpoints?.restoreBest();
    // Weights within an epoch are those of none, unless an earlier one is the best.
    const isOfEpoch = this.progress.best !== null || this.progress.batch === 0;
    const test = outcome === 'done' && isOfEpoch && this.parts.testLoader ? yield* this.#test() : null;
    if (typeof test === 'string') outcome = test;
    const { epoch, step, last: final, best } = this.progress;
    yield {
      ...{ type: 'end', status: outcome, epoch, step, final, best },
      ...(outcome === 'done' && over !== null && over !== 'epochs' && { stopped: over }),
      test: typeof test === 'string' ? null : test,
      diagnosis: this.#diagnose(outcome),
    };
  }

  /**
   * Evaluates what was left for the end, with the weights that were chosen: the model has these from then on. Interrupted, it is
   * all done again on resume.
   */
  *#test(): Waiting<TrainEvent, TestFigures | 'interrupted' | 'diverged'> {
    const { progress, parts } = this;
    this.#hasChosenWeights = true;
    const epoch = progress.best && parts.checkpoints?.loadBest() ? progress.best.epoch : progress.epoch;
    const tested = yield* this.#evaluate('test', parts.testLoader!);
    if (tested === 'interrupted') return tested;
    const divergence = this.#divergences.inEvaluation(tested, 'test');
    if (divergence === null) return { epoch, loss: tested.loss, metrics: tested.metrics };
    yield divergence;
    return 'diverged';
  }

  /** Nothing is to be said of a run that will go on. */
  #diagnose(outcome: Outcome): Diagnosis | null {
    const { lr, diagnosis } = this.options;
    if (diagnosis === null || outcome === 'interrupted') return null;
    return diagnose({ ...diagnosis, curve: this.progress.curve, lr, divergence: this.#divergences.last });
  }

  *#epoch(): Waiting<TrainEvent, Outcome> {
    const { progress } = this;
    const samplesBefore = progress.tally.samples;
    const started = performance.now();
    const outcome = yield* this.#trainEpoch();
    // Time may be up within the epoch: it is saved, and stays unfinished.
    if (outcome !== 'done' || progress.batch < this.parts.loader.length) return outcome;

    const trained = performance.now();
    const { evalLoader } = this.parts;
    const isEvaluated = evalLoader !== null && this.#isEvaluated(progress.epoch + 1);
    const evaluated = isEvaluated ? yield* this.#evaluate('eval', evalLoader) : null;
    if (evaluated === 'interrupted') return yield* this.#save('interrupted');
    const divergence = evaluated && this.#divergences.inEvaluation(evaluated, 'evaluation');
    if (divergence !== null) {
      yield divergence;
      return 'diverged';
    }
    const evalSeconds = (performance.now() - trained) / 1000;
    const trainSeconds = (trained - started) / 1000;
    const samplesPerSecond = (progress.tally.samples - samplesBefore) / trainSeconds;
    const figures = closeEpoch(progress, evaluated, this.parts.program.task, this.options);
    yield { type: 'epoch', ...figures, trainSeconds, evalSeconds, samplesPerSecond };
    // Between the ranks, rank 0's next step tells it.
    if (!this.parts.ranks) this.#count((performance.now() - trained) / 1000);
    const isLast = overBy(progress, this.options) !== null;
    return yield* this.#save(this.#isStopped && !isLast ? 'interrupted' : 'done');
  }

  *#trainEpoch(): Waiting<TrainEvent, Outcome> {
    const { progress, options } = this;
    let began = performance.now();
    for (const step of trainEpoch(this.parts, progress.epoch, progress)) {
      if (step instanceof Promise) {
        yield step;
        continue;
      }
      for (const batch of step.batches) addBatch(progress.tally, batch);
      progress.lr = step.lr;
      progress.groupLrs = step.groupLrs;
      if (step.diverged) {
        yield this.#divergences.inStep(step, step.diverged);
        return 'diverged';
      }
      progress.step += 1;
      progress.batch = step.batches.at(-1)!.index + 1;
      const event = stepEvent(step, progress, this.parts.program);
      addStep(progress.curve, event.loss);
      yield event;
      if (step.layers)
        yield { type: 'layers', epoch: progress.epoch + 1, step: progress.step, layers: step.layers };
      const due = options.checkpointEverySteps && progress.step % options.checkpointEverySteps === 0;
      const now = performance.now();
      this.#count(step.seconds ?? (now - began) / 1000);
      began = now;
      const isWithin = progress.batch < this.parts.loader.length;
      const isUp = isWithin && overBy(progress, options) === 'max_time';
      if (!this.#isStopped && !due && !isUp) continue;
      const saved = yield* this.#save(this.#isStopped ? 'interrupted' : 'done');
      if (saved !== 'done' || isUp) return saved;
    }
    return 'done';
  }

  /** Time that counts, where there is a limit to it. */
  #count(seconds: number): void {
    if (this.options.maxTime !== null) this.progress.seconds += seconds;
  }

  #evaluate(
    part: 'eval' | 'test',
    loader: DataLoader,
  ): Waiting<TrainEvent, EvaluationResult | 'interrupted'> {
    const { program, ranks } = this.parts;
    const steps = ranks ? ranks.evaluate(loader) : evaluate(program, loader);
    const epoch = part === 'eval' ? this.progress.epoch + 1 : this.progress.epoch;
    const batches = loader.length;
    return evaluationEvents(steps, { part, epoch, batches, isStopped: () => this.#isStopped });
  }

  /** Saves, unless there is something to save that no run could go on from. */
  *#save(outcome: Outcome): Waiting<TrainEvent, Outcome> {
    const { progress, parts } = this;
    const tensor = parts.program.nonFiniteParameter();
    if (tensor !== null) {
      yield this.#divergences.inState(tensor);
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
    return evaluateEvery > 0 && (epoch % evaluateEvery === 0 || epoch === epochs);
  }
}
