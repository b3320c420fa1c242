import type { DatasetIdentity } from './data/dataset.js';
import type { Diagnosis, DivergenceCause } from './diagnosis.js';
import type { Transfer } from './model/transfer.js';
import type { Stopped } from './stopping.js';
import type { Metrics } from './task/index.js';

export type { Transfer } from './model/transfer.js';

/**
 * What a run tells the world: plain data, in the order in which it happens. The training core yields these and
 * prints nothing; reporters turn them into bars, lines, files. Epochs and steps are counted from 1.
 */
export type TrainEvent =
  | StartEvent
  | StepEvent
  | LayersEvent
  | EvaluationEvent
  | EpochEvent
  | SavingEvent
  | CheckpointEvent
  | DivergedEvent
  | EndEvent;

export interface StartEvent {
  readonly type: 'start';
  readonly epochs: number;
  readonly stepsPerEpoch: number;
  readonly batchesPerEpoch: number;
  readonly parameters: number;
  /** How many of them are trained; absent: all. */
  readonly trainableParameters?: number;
  readonly train: DatasetIdentity;
  readonly eval: DatasetIdentity | null;
  /** What is looked at once, at the end; absent: there is none. */
  readonly test?: DatasetIdentity;
  /** Steps already done when a run is resumed, else 0. */
  readonly resumedAtStep: number;
  /** SHA-256 of the first weights, as PyTorch orders them; null when a run is resumed. */
  readonly initSha256: string | null;
  /** What was taken of other weights, and what was not; absent: the first weights are whole, or a run is resumed. */
  readonly transfer?: Transfer;
  /** The weights that the classes were given to balance them; absent where none were computed. */
  readonly classWeights?: readonly number[];
  /** SHA-256 of all that decides the batches: runs that share it train on the same ones in the same order. */
  readonly orderSha256: string;
}

/** After each optimizer step. */
export interface StepEvent {
  readonly type: 'step';
  readonly epoch: number;
  readonly step: number;
  /** Batches done in this epoch. */
  readonly batch: number;
  /** Loss of the step's batch; with `accumulate`, of its batches as one. */
  readonly loss: number;
  /** Sum of the batch losses of this epoch so far, as the tutorial prints it. */
  readonly runningLoss: number;
  readonly lr: number;
  /** Those of the optimizer's groups, in their order; absent: there are none. */
  readonly groupLrs?: readonly number[];
  /** Norm of all gradients before clipping, by norm or by value; null when they are not clipped. */
  readonly gradNorm: number | null;
}

/** What a step did to one layer. */
export interface LayerFigures {
  /** Position in the model, as in PyTorch's names: `0`, or `4.body.1` within a residual block. */
  readonly layer: string;
  /** Euclidean norm of the gradients of all its parameters. */
  readonly gradNorm: number;
  /** Euclidean norm of its parameters after the step. */
  readonly weightNorm: number;
  /** Norm of what the step changed, divided by the norm of the parameters before it. */
  readonly updateRatio: number;
}

/** After the steps that are recorded: how each layer with parameters fares. */
export interface LayersEvent {
  readonly type: 'layers';
  readonly epoch: number;
  readonly step: number;
  readonly layers: readonly LayerFigures[];
}

/** After each evaluation batch: progress only. */
export interface EvaluationEvent {
  readonly type: 'evaluation';
  /** What is evaluated: what chooses, after an epoch, or what was left for the end. */
  readonly part: 'eval' | 'test';
  readonly epoch: number;
  readonly batch: number;
  readonly batches: number;
}

/** The figures of an epoch; equal runs have equal ones. */
export interface EpochFigures {
  readonly epoch: number;
  readonly step: number;
  /** Sum of the batch losses, as in the tutorial. */
  readonly runningLoss: number;
  /** Mean loss over the samples trained on that count, each as the model was when it saw them. */
  readonly trainLoss: number;
  /** The task's metrics over the same samples. */
  readonly train: Metrics;
  readonly lr: number;
  /** Those of the optimizer's groups, in their order; absent: there are none. */
  readonly groupLrs?: readonly number[];
  /** Mean loss over the evaluation samples that count; null in an epoch without evaluation. */
  readonly evalLoss: number | null;
  readonly eval: Metrics | null;
  /** Whether this is the best epoch so far, by the figure that `checkpoint.monitor` names. */
  readonly best: boolean;
}

/** At the end of each epoch. */
export interface EpochEvent extends EpochFigures {
  readonly type: 'epoch';
  /** Wall time of training and of evaluation, and training speed: they differ from run to run. */
  readonly trainSeconds: number;
  readonly evalSeconds: number;
  readonly samplesPerSecond: number;
}

/** A checkpoint is about to be written: what it counts as done must be on the disk first. */
export interface SavingEvent {
  readonly type: 'saving';
}

/** A checkpoint has been written. */
export interface CheckpointEvent {
  readonly type: 'checkpoint';
  readonly epoch: number;
  readonly step: number;
  readonly file: string;
}

/** The loss is no longer a finite number; the run ends here. */
export interface DivergedEvent {
  readonly type: 'diverged';
  /** Where it was noticed: in the loss of a batch, in evaluation, in the parameters when they were to be saved, at the end. */
  readonly phase: 'training' | 'evaluation' | 'saving' | 'test';
  readonly epoch: number;
  /** In training the step that could not be made, else the last one made. */
  readonly step: number;
  readonly loss: number;
  readonly cause: DivergenceCause;
  /** The first tensor, in the order of computation, that is not finite. */
  readonly tensor: string;
  /** Learning rate of that step. */
  readonly lr: number;
  /** A smaller one to try, of the learning rate that the configuration names; null where it is not the cause. */
  readonly suggestedLr: number | null;
}

/** What the model is worth on samples that had no say in anything: those left for the end. */
export interface TestFigures {
  /** The epoch whose weights they are of: the best one, or the last where nothing chose. */
  readonly epoch: number;
  /** Mean loss over the samples that count. */
  readonly loss: number;
  readonly metrics: Metrics;
}

export interface EndEvent {
  readonly type: 'end';
  readonly status: 'done' | 'interrupted' | 'diverged';
  /** What ended a run that is done before its last epoch; absent: nothing did. */
  readonly stopped?: Stopped;
  readonly epoch: number;
  readonly step: number;
  /** The figures of the last whole epoch, and which epoch was best by what it is chosen by. */
  readonly final: EpochFigures | null;
  readonly best: { readonly epoch: number; readonly value: number } | null;
  /** null: there are no samples for the end, or the run is not done. */
  readonly test: TestFigures | null;
  /** What the curve of the run says of its learning rate; null for a run that will go on, or is not judged. */
  readonly diagnosis: Diagnosis | null;
}
