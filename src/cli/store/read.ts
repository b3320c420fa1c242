import { basename, resolve } from 'node:path';
import { exists, readTextIfThere } from '../../base/read.js';
import { type ConfigYaml, loadConfig, type ResolvedConfig } from '../../config/index.js';
import { LossnetError } from '../../train/errors.js';
import { plural } from '../ui/format.js';
import { RunFolder } from './folder.js';
import { missingRun } from './missing-run.js';

/** A record of metrics.jsonl: an event of the run with its keys in snake_case, null for what is not finite. */
export interface RecordOf<T extends string> {
  readonly type: T;
  readonly [key: string]: unknown;
}

export interface StartRecord extends RecordOf<'start'> {
  readonly epochs: number;
  readonly steps_per_epoch: number;
  readonly parameters: number;
  readonly init_sha256: string | null;
  readonly order_sha256: string;
}

export interface StepRecord extends RecordOf<'step'> {
  readonly epoch: number;
  readonly step: number;
  readonly loss: number | null;
  readonly lr: number;
  readonly grad_norm: number | null;
}

export interface LayersRecord extends RecordOf<'layers'> {
  readonly epoch: number;
  readonly step: number;
  readonly layers: readonly {
    readonly layer: string;
    readonly grad_norm: number | null;
    readonly weight_norm: number | null;
    readonly update_ratio: number | null;
  }[];
}

export interface EpochRecord extends RecordOf<'epoch'> {
  readonly epoch: number;
  readonly step: number;
  readonly running_loss: number;
  readonly train_loss: number;
  readonly train_accuracy: number;
  readonly lr: number;
  readonly eval_loss: number | null;
  readonly eval_accuracy: number | null;
  readonly best: boolean;
}

export interface DivergedRecord extends RecordOf<'diverged'> {
  readonly phase: 'training' | 'evaluation' | 'saving';
  readonly epoch: number;
  readonly step: number;
  readonly tensor: string;
  readonly lr: number;
  readonly suggested_lr: number;
}

export interface TimingRecord extends RecordOf<'timing'> {
  readonly epoch: number;
  readonly train_seconds: number;
  readonly eval_seconds: number;
  readonly images_per_second: number;
}

/** All that a run has left on the disk, as far as it came. */
export interface RunRecord {
  /** The folder, as it was named. */
  readonly path: string;
  readonly name: string;
  readonly config: ConfigYaml;
  readonly resolved: ResolvedConfig;
  readonly start: StartRecord | null;
  readonly steps: readonly StepRecord[];
  readonly layers: readonly LayersRecord[];
  readonly epochs: readonly EpochRecord[];
  readonly timings: readonly TimingRecord[];
  readonly diverged: DivergedRecord | null;
  /** summary.json; null while the run has not ended. */
  readonly summary: Readonly<Record<string, unknown>> | null;
}

/**
 * Reads a run's folder. A last line that a kill cut short is left out.
 *
 * @param path the folder
 * @returns what is there
 * @throws UsageError when it is no folder of a run; ConfigError when its config.yaml was damaged; LossnetError when its
 * metrics.jsonl or summary.json was
 */
export function readRun(path: string): RunRecord {
  const folder = new RunFolder(path);
  if (!exists(folder.config)) throw missingRun(path);
  const resolved = loadConfig({ file: folder.config, overrides: [], env: {} });
  const records = readLines(folder.metrics);
  const summaryText = readTextIfThere(folder.summary);
  const summary = summaryText === null ? null : readJson(summaryText, folder.summary);
  checkWhole(records, summary, folder);
  const of = <R extends RecordOf<string>>(type: R['type']) =>
    records.filter((record) => record.type === type) as unknown as R[];
  return {
    path,
    name: resolved.yaml.name || basename(resolve(path)),
    config: resolved.yaml,
    resolved,
    start: of<StartRecord>('start')[0] ?? null,
    steps: of<StepRecord>('step'),
    layers: of<LayersRecord>('layers'),
    epochs: of<EpochRecord>('epoch'),
    timings: readLines(folder.timings) as TimingRecord[],
    diverged: of<DivergedRecord>('diverged').at(-1) ?? null,
    summary,
  };
}

/** A run that was done and lacks records would be shown as one that learnt less. */
function checkWhole(
  records: readonly RecordOf<string>[],
  summary: RunRecord['summary'],
  { metrics }: RunFolder,
): void {
  const found = records.filter(({ type }) => type === 'epoch').length;
  const isDone = summary?.status === 'done' && !records.some(({ type }) => type === 'diverged');
  if (!isDone || found === summary.epochs) return;
  throw new LossnetError(
    'LOSSNET_RUN_DAMAGED',
    `${metrics} tells of ${plural(found, 'epoch')}, and the run had ${summary.epochs}.`,
    'The file was changed by something else than lossnet. Train the run again.',
  );
}

function readLines(file: string): RecordOf<string>[] {
  const lines = (readTextIfThere(file) ?? '').split('\n');
  // What stands after the last line break was cut short.
  return lines
    .slice(0, -1)
    .map((line, i) => readJson(line, `${file}:${i + 1}`) as unknown as RecordOf<string>);
}

function readJson(text: string, place: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) throw new Error(`expected an object, received ${text}`);
    return value as Record<string, unknown>;
  } catch (error) {
    throw new LossnetError(
      'LOSSNET_RUN_DAMAGED',
      `${place} is no JSON: ${(error as Error).message}.`,
      'The file was changed by something else than lossnet. Train the run again.',
      { cause: error },
    );
  }
}
