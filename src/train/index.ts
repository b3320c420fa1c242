/** lossnet as a library: what a configuration is built into, without YAML and without a terminal. */

export { LossnetError } from '../base/errors.js';
export { loadTensorFlow, tensorflow } from './backend/tensorflow.js';
export { CheckpointStore, type Progress } from './checkpoint.js';
export type { DataSpec, Dataset, DatasetIdentity } from './data/dataset.js';
export { type Batch, DataLoader, type LoaderOptions } from './data/loader.js';
export type { DataSource, LoadedDatasets } from './data/source.js';
export { createSource, type DatasetOptions } from './data/sources/index.js';
export { EagerProgram } from './engine/eager.js';
export { GraphProgram } from './engine/graph/program.js';
export { createProgram, type Engine } from './engine/index.js';
export type { BatchResult, Loss, Program } from './engine/program.js';
export { type EvaluationResult, evaluate } from './evaluate.js';
export type * from './events.js';
export { type LoopParts, type LoopStep, trainEpoch } from './loop.js';
export { createLoss, type LossFunction, type LossOptions } from './loss/index.js';
export type { LayerOptions } from './model/layers/index.js';
export { Parameter } from './model/parameter.js';
export { ModelError, type ModelOptions, Sequential } from './model/sequential.js';
export { loadStateDict, loadWeights, stateDict } from './model/weights.js';
export { clipGradNorm, clipGradValue } from './optim/clip.js';
export { createOptimizer, type OptimizerOptions, withMomentum } from './optim/index.js';
export { Optimizer } from './optim/optimizer.js';
export { createSchedule, type Schedule, type ScheduleOptions } from './schedule/index.js';
export { createTask, type Metric, type Metrics, type Sums, type Target, type Task } from './task/index.js';
export { newProgress, Trainer, type TrainerOptions, type TrainerParts } from './trainer.js';
