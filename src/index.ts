/**
 * lossnet as a library: everything that the command line does, without a terminal. Nothing here writes to a stream, ends the
 * process or listens to signals; docs/library.md says what TensorFlow does all the same.
 */

export { LossnetError, UsageError } from './base/errors.js';
export {
  type Config,
  ConfigError,
  type ConfigInput,
  formatProblems,
  type LoadOptions,
  loadConfig,
  PRESETS,
  type PresetName,
  type Problem,
  presetNames,
  type ResolvedConfig,
  type Variation,
} from './config/index.js';
export { auditOf, type DataAudit } from './runs/audit.js';
export { type Baseline, type Change, readBaseline } from './runs/baseline.js';
export { compare } from './runs/compare/compare.js';
export type { CompareEvent } from './runs/compare/events.js';
export type { Compared, CompareOptions } from './runs/compare/options.js';
export type { Comparison } from './runs/compare/ranking/comparison.js';
export type { Check } from './runs/doctor/check.js';
export { doctor } from './runs/doctor/doctor.js';
export { evaluate } from './runs/evaluate/evaluate.js';
export type {
  BaselineResult,
  Difference,
  Evaluated,
  EvaluateOptions,
} from './runs/evaluate/result.js';
export { explain } from './runs/explain/explain.js';
export { type PageFile, writeExplanation } from './runs/explain/html/write.js';
export { explainLoss, type LossCurves } from './runs/explain/losses.js';
export type { ExplainOptions, Explanation } from './runs/explain/result.js';
export type { ExportCheck } from './runs/export/check.js';
export { type Exported, type ExportOptions, exportModel } from './runs/export/export.js';
export type { ExportFormat } from './runs/export/formats.js';
export type { ExportRecord } from './runs/export/record.js';
export { type ExportRunner, openExport } from './runs/export/run.js';
export { diffRuns, type RunDifference, type RunsDiff } from './runs/find/diff.js';
export { type ListOptions, listRuns } from './runs/find/list.js';
export type { BestEpoch, RunOverview, RunSketch, RunStatus } from './runs/find/overview.js';
export {
  type LeftRun,
  planRemoval,
  type Removal,
  type RemovalOptions,
  type Removed,
  removeRuns,
} from './runs/find/remove.js';
export {
  type CheckpointFile,
  type LayerDetails,
  type ModelDetails,
  type RunDetails,
  showRun,
} from './runs/find/show.js';
export type { GateResult } from './runs/gates.js';
export { type Initialised, type InitOptions, InitQuestion, initConfig } from './runs/init/init.js';
export { type Brought, bringConfigs, type ShippedConfig } from './runs/init/shipped.js';
export type { Flatness } from './runs/landscape/flatness.js';
export { flatness, landscape } from './runs/landscape/landscape.js';
export type {
  FlatRun,
  Forecast,
  Landscape,
  LandscapeOptions,
  LandscapePath,
  LandscapeRun,
  PlaneKind,
} from './runs/landscape/result.js';
export { findLr } from './runs/lr-find/find.js';
export type { LrFinding, LrFindOptions, LrResult, LrTrialStep } from './runs/lr-find/result.js';
export { type Notice, noticeLines } from './runs/notices.js';
export { paths } from './runs/paths/paths.js';
export type { Paths, PathsOptions, PathsVariant, Walk } from './runs/paths/result.js';
export { predict } from './runs/predict/predict.js';
export type { Answer, Prediction, PredictOptions } from './runs/predict/result.js';
export { type Report, type ReportOptions, report } from './runs/report/report.js';
export { type RunRecord, readRun } from './runs/store/read.js';
export type { Surroundings } from './runs/surroundings.js';
export { type DryRun, dryRun } from './runs/train/dry-run.js';
export type { PreparedEvent, ResultEvent, RunEvent } from './runs/train/events.js';
export type { Summary } from './runs/train/summary.js';
export { type TrainOptions, train } from './runs/train/train.js';
export type { Finding } from './train/data/audit/finding.js';
export type { DataSpec, Dataset, DatasetIdentity } from './train/data/dataset.js';
export type { Preprocessing } from './train/data/preprocessing.js';
export type { DataSource, LoadedDatasets, LoadHooks } from './train/data/source.js';
export { type ArraysOptions, fromArrays, type Samples } from './train/data/sources/custom/from-arrays.js';
export type * from './train/events.js';
export type { LrTrial, LrTrialStatus } from './train/lr-trial.js';
export { RankError } from './train/parallel/group.js';
export type { Path } from './train/paths/follow.js';
export type { Point, Surface, SurfaceName } from './train/paths/surfaces.js';
