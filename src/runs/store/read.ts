import { basename, dirname, join, resolve } from 'node:path';
import { UsageError } from '../../base/errors.js';
import { plural } from '../../base/format.js';
import { exists, foldersIn, kindOf, readTextIfThere } from '../../base/read.js';
import { type ConfigYaml, loadConfig, type ResolvedConfig, specOf } from '../../config/index.js';
import { nearest } from '../../config/validate/spelling.js';
import type { DataSpec, DatasetIdentity } from '../../train/data/dataset.js';
import {
  EVALUATION_METRICS,
  METRIC_NAMES,
  type MetricName,
  measuredOf,
  metricKind,
} from '../../train/task/index.js';
import { Damage, damaged } from './damage.js';
import type { Measured } from './figures.js';
import { exportedModel, isExported, RunFolder } from './folder.js';
import { recordedSpec } from './preprocessing.js';
import {
  type DivergedRecord,
  type EpochRecord,
  type LayersRecord,
  type LineReader,
  lineReader,
  parseSummary,
  type RunLine,
  type RunSummary,
  type StartRecord,
  type StepRecord,
  type TimingRecord,
} from './records.js';

/** All that a run has left on the disk, as far as it came. */
export interface RunRecord {
  /** The folder, as it was named. */
  readonly path: string;
  readonly name: string;
  readonly config: ConfigYaml;
  readonly resolved: ResolvedConfig;
  /** What its data set says of itself; null where a file has to be read for it that is not there any more. */
  readonly spec: DataSpec | null;
  /** What its task measures, the primary metric first. */
  readonly metrics: readonly Measured[];
  readonly start: StartRecord | null;
  readonly steps: readonly StepRecord[];
  readonly layers: readonly LayersRecord[];
  readonly epochs: readonly EpochRecord[];
  readonly timings: readonly TimingRecord[];
  readonly diverged: DivergedRecord | null;
  /** summary.json; null while the run has not ended. */
  readonly summary: RunSummary | null;
}

/**
 * Reads a run's folder. A last line that a kill cut short is left out.
 *
 * @param path the folder
 * @returns what is there
 * @throws UsageError when it is no folder of a run; ConfigError when its config.yaml was damaged; LossnetError when its
 * metrics.jsonl, timings.jsonl or summary.json was
 */
export function readRun(path: string): RunRecord {
  const folder = new RunFolder(path);
  if (!exists(folder.config)) throw missingRun(path);
  if (isExported(path)) throw exportedModel(path);
  const resolved = loadConfig({ file: folder.config, isRecord: true });
  const spec = recordedSpec(folder) ?? specOf(resolved.yaml);
  const metrics = metricsOf(spec, resolved.yaml.loss, folder);
  const read = lineReader(metrics);
  const lines = readLines(folder.metrics, read);
  const of = <T extends RunLine['type']>(type: T, among: readonly RunLine[] = lines) =>
    among.filter((line): line is Extract<RunLine, { type: T }> => line.type === type);
  const record = {
    path,
    name: resolved.yaml.name || basename(resolve(path)),
    config: resolved.yaml,
    resolved,
    spec,
    metrics,
    start: of('start')[0] ?? null,
    steps: of('step'),
    layers: of('layers'),
    epochs: of('epoch'),
    timings: of('timing', readLines(folder.timings, read)),
    diverged: of('diverged').at(-1) ?? null,
    summary: readSummary(folder),
  };
  checkWhole(record, folder);
  return record;
}

/**
 * What the task measures, by what the data set says of itself. Where its file is gone, or is about something else by now, what
 * is on record of an epoch decides; what guessing reaches is then not known.
 */
function metricsOf(
  spec: DataSpec | null,
  loss: ConfigYaml['loss'],
  { metrics: file }: RunFolder,
): Measured[] {
  const said = spec === null ? [] : measuredOf(spec.target, loss.type);
  const epoch = (readTextIfThere(file) ?? '').split('\n').find((line) => line.startsWith('{"type":"epoch"'));
  const recorded = METRIC_NAMES.filter((name) => {
    const part = EVALUATION_METRICS.includes(name) ? 'eval' : 'train';
    return epoch?.includes(`"${part}_${name}":`);
  });
  const isSaid = said.length > 0 && (recorded.length === 0 || recorded.includes(said[0]!.name as MetricName));
  return isSaid ? said : recorded.map((name) => ({ ...metricKind(name), chance: null }));
}

/** A run that lacks records would be shown as one that learnt less. */
function checkWhole({ epochs, summary, diverged }: RunRecord, { metrics, path }: RunFolder): void {
  const odd = epochs.findIndex(({ epoch }, i) => epoch !== i + 1);
  if (odd >= 0) {
    const damage = new Damage(`it tells of epoch ${epochs[odd]!.epoch} where epoch ${odd + 1} should be`);
    throw damaged(metrics, damage, mend(path));
  }
  if (summary === null || diverged !== null) return;
  // One that was interrupted may have gone on since.
  const isWhole =
    summary.status === 'done' ? epochs.length === summary.epochs : epochs.length >= summary.epochs;
  if (isWhole) return;
  const damage = new Damage(
    `it tells of ${plural(epochs.length, 'epoch')}, and the run had ${summary.epochs}`,
  );
  throw damaged(metrics, damage, mend(path));
}

/** What stands after the last line break was cut short, or is being written. */
function readLines(file: string, read: LineReader): RunLine[] {
  const lines = (readTextIfThere(file) ?? '').split('\n').slice(0, -1);
  return lines.flatMap((line, i) => {
    try {
      return read(line) ?? [];
    } catch (error) {
      throw damaged(`${file}:${i + 1}`, error, mend(dirname(file)));
    }
  });
}

function readSummary({ summary, path }: RunFolder): RunSummary | null {
  const text = readTextIfThere(summary);
  if (text === null) return null;
  try {
    return parseSummary(text);
  } catch (error) {
    throw damaged(summary, error, mend(path));
  }
}

/** What a run's checkpoint still knows, resuming puts back. */
const mend = (path: string) =>
  `It was changed or cut short after lossnet wrote it. Mend it with: lossnet train ${path} --resume\nIf that cannot, train the run again.`;

/** How a run stands by what it left on the disk. `not finished`: it was killed, or still runs. */
export type RecordedStatus = 'done' | 'diverged' | 'interrupted' | 'not finished';

/** One that diverged is over, also when it was killed before it had written its summary: it would diverge again. */
export function statusOf({ summary, diverged }: RunRecord): RecordedStatus {
  if (diverged !== null) return 'diverged';
  const status = summary?.status;
  return status === 'done' || status === 'interrupted' ? status : 'not finished';
}

/** The data set that was asked for, when generated shapes stood in for it. */
export function standInOf({ start, summary }: RunRecord): string | undefined {
  return start?.stands_in_for ?? summary?.stands_in_for;
}

/** What the run recorded of the samples of a part; null: nothing. */
export function identityOf({ start }: RunRecord, which: 'train' | 'eval' | 'test'): DatasetIdentity | null {
  const identity = start?.[which] ?? null;
  if (identity === null) return null;
  const { stands_in_for: standsInFor, from, ...rest } = identity;
  return { ...rest, ...(from && { from }), ...(standsInFor !== undefined && { standsInFor }) };
}

/** Whether the best epoch was chosen on the samples that tell how good it is: there were none for the end. */
export function isChosenOnTest(
  start: { readonly eval: Pick<DatasetIdentity, 'split'> | null; readonly test?: unknown } | null,
): boolean {
  return start?.eval?.split === 'test' && start.test === undefined;
}

/** `cifar10`, or `shapes, standing in for cifar10`. */
export function dataOf(record: RunRecord): string {
  const name = identityOf(record, 'train')?.name ?? record.config.dataset.type;
  const standIn = standInOf(record);
  return standIn === undefined ? name : `${name}, standing in for ${standIn}`;
}

/**
 * @param path what was named as a run's folder
 * @returns why it is none, with the folder that was most likely meant
 */
export function missingRun(path: string): UsageError {
  return new UsageError(
    'LOSSNET_RUN_MISSING',
    exists(path) ? `${path} is not the folder of a run: it has no config.yaml.` : noFolder(path),
    'Name a folder that lossnet train said it saved in.',
  );
}

function noFolder(path: string): string {
  const parent = dirname(path);
  const names = kindOf(parent) === 'folder' ? foldersIn(parent) : [];
  const guess = nearest(basename(path), names);
  return `There is no folder ${path}.${guess === undefined ? '' : ` Did you mean ${join(parent, guess)}?`}`;
}
