import { exists } from '../../../base/read.js';
import { type EpochMetric, planRun } from '../../../config/index.js';
import { bareName } from '../../../train/task/index.js';
import { figuresOf, keyOf, partOf } from '../../store/figures.js';
import type { RunFolder } from '../../store/folder.js';
import { type RunRecord, readRun } from '../../store/read.js';
import type { DivergedRecord } from '../../store/records.js';
import { countOf } from '../../store/samples.js';
import type { Outcome } from '../execute/protocol.js';
import { nameOfCombination } from '../plan/axis.js';
import type { PlannedRun } from '../plan/variants.js';
import { isGuess } from '../ranking/chance.js';
import { type Point, valueText } from './grid.js';
import type { Standing } from './halving.js';
import { type TunedVariant, tunedConfig } from './plan.js';

/** Why a trial was made: it is of the grid, beyond its edge, or beside what was best while another grid grew. */
export type TrialKind = 'grid' | 'beyond' | 'beside';

/** A point of a variant that is tried. */
export interface Trial {
  readonly point: Point;
  readonly kind: TrialKind;
  readonly run: PlannedRun;
}

/** A trial and how it stood at each rung that it came to. */
export interface TriedPoint extends Standing {
  readonly name: string;
  readonly point: Point;
  readonly kind: TrialKind;
  /** Epochs that it was trained for, to where it was left or diverged. */
  readonly epochs: number;
  readonly seconds: number;
  readonly status: 'done' | 'held' | 'diverged' | 'failed';
  /** Why it failed. */
  readonly reason: string | null;
  /** The figure at the first rung, at which all trials can be compared. */
  readonly first: number | null;
}

const LONGEST_NAME = 60;

/**
 * @param variant what is tried
 * @param point with which values
 * @param kind why
 * @param taken names of trials that there are
 * @returns the trial, whose run has the seed of the configuration
 * @throws ConfigError when the values are none that the configuration may have
 */
export function trialOf(
  variant: TunedVariant,
  point: Point,
  kind: TrialKind,
  taken: ReadonlySet<string>,
): Trial {
  const resolved = tunedConfig(variant, point);
  const combination = variant.axes.map(({ key }, i) => ({
    axis: { text: key, key, values: [] },
    value: valueText(point[i]!),
  }));
  const plain = `${variant.name}-${nameOfCombination(combination)}`;
  const isFit = plain.length <= LONGEST_NAME && !taken.has(plain.toLowerCase());
  const name = isFit ? plain : `${variant.name.slice(0, LONGEST_NAME - 8)}-t${taken.size + 1}`;
  const { seed } = resolved.yaml;
  return { point, kind, run: { name, seed, yaml: resolved.yaml, plan: planRun(resolved) } };
}

/**
 * Reads how a trial stood after an epoch, whatever has become of it since.
 *
 * @param folder its run
 * @param epoch of the rung; it counts with fewer where it ended before
 * @param by the figure that decides
 * @param outcome how its process ended, where it was trained just now
 * @returns how it stands: what diverged, failed, or has no figure that is a number is worst
 */
export function standingAt(folder: RunFolder, epoch: number, by: EpochMetric, outcome?: Outcome): Standing {
  const record = recordOf(folder);
  const epochs = record?.epochs.filter((other) => other.epoch <= epoch) ?? [];
  // What happened after the rung was not known when it was decided there, and must not be where it is decided again.
  const diverged =
    record?.diverged != null && isOver(record.diverged, epochs.at(-1), epoch) ? record.diverged : null;
  const hasFailed = outcome?.status === 'failed' && (epochs.at(-1)?.epoch ?? 0) < epoch;
  const isLost = record === null || diverged !== null || hasFailed;
  const figures = figuresOf(epochs, record?.metrics ?? [], null);
  const finite = (value: number | null | undefined) =>
    value != null && Number.isFinite(value) && !isLost ? value : null;
  const figure = finite(figures[by]);
  return {
    figure,
    isGuess: figure !== null && record !== null && isGuessOf(figure, by, record),
    loss: keyOf(by).startsWith('eval') ? finite(figures.eval_loss) : null,
    steps: diverged?.step ?? epochs.at(-1)?.step ?? 0,
  };
}

/** Whether a run was lost by the end of an epoch: what is found when it is saved then is found at its last step. */
const isOver = (
  diverged: DivergedRecord,
  last: { readonly step: number } | undefined,
  epoch: number,
): boolean => diverged.epoch <= epoch || diverged.step <= (last?.step ?? 0);

/**
 * @param trial what was tried
 * @param folder its run
 * @param rungs epochs at which it may have been held
 * @param by the figure that decides
 * @param outcome how its process ended; undefined: it was trained before
 * @returns what came of it
 */
export function triedPoint(
  { point, kind, run }: Trial,
  folder: RunFolder,
  rungs: readonly number[],
  by: EpochMetric,
  outcome: Outcome | undefined,
): TriedPoint {
  const record = recordOf(folder);
  const whole = rungs.at(-1)!;
  const failed = outcome?.status === 'failed' ? outcome.reason : null;
  const isDone = record?.summary?.status === 'done';
  return {
    ...standingAt(folder, whole, by, outcome),
    ...{ name: run.name, point, kind },
    epochs: record?.epochs.length ?? 0,
    seconds: record?.timings.reduce((sum, timing) => sum + timing.train_seconds, 0) ?? 0,
    status:
      failed !== null || record === null ? 'failed' : record.diverged ? 'diverged' : isDone ? 'done' : 'held',
    reason: failed,
    first: standingAt(folder, rungs[0]!, by, outcome).figure,
  };
}

function isGuessOf(figure: number, by: EpochMetric, record: RunRecord): boolean {
  const metric = record.metrics.find(({ name }) => name === bareName(by));
  return metric !== undefined && isGuess(figure, metric, countOf(record, partOf(by)));
}

/** A trial that failed before it began has none. */
const recordOf = (folder: RunFolder): RunRecord | null =>
  exists(folder.config) ? readRun(folder.path) : null;
