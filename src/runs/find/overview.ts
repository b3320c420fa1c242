import { statSync } from 'node:fs';
import { LossnetError } from '../../base/errors.js';
import { type ConfigYaml, type EpochMetric, namedLr, toCamelCase } from '../../config/index.js';
import { type Figures, figuresOf, keyOf, type Measured } from '../store/figures.js';
import { RunFolder } from '../store/folder.js';
import { isHeld } from '../store/lock.js';
import { dataOf, type RunRecord, readRun, statusOf } from '../store/read.js';
import { sizeOf } from './size.js';

/**
 * How a run stands. `running`: a process is at work in its folder; `unfinished`: none is, and it never came to its end;
 * `damaged`: its records were changed or cut short; `unreadable`: another version wrote it, or the system refuses.
 */
export type RunStatus =
  | 'done'
  | 'diverged'
  | 'interrupted'
  | 'running'
  | 'unfinished'
  | 'damaged'
  | 'unreadable';

/** The best epoch so far. */
export interface BestEpoch {
  readonly epoch: number;
  /** What chooses it, and its value then. */
  readonly monitor: EpochMetric;
  readonly value: number;
}

/** A run in a few words and figures, whatever state it is in. */
export interface RunOverview {
  /** Its folder, as other commands take it. */
  readonly path: string;
  readonly status: RunStatus;
  /** Bytes of all its files. */
  readonly bytes: number;
  /** When something was recorded last. */
  readonly changed: Date;
  /** Why it cannot be read; then `run` is null. */
  readonly problem: LossnetError | null;
  readonly run: RunSketch | null;
}

/** What its records say. */
export interface RunSketch {
  readonly name: string;
  readonly config: ConfigYaml;
  /** Epochs that it has had, and is to have. */
  readonly epoch: number;
  readonly epochs: number;
  /** What its task measures, the primary metric first. */
  readonly metrics: readonly Measured[];
  readonly figures: Figures;
  readonly best: BestEpoch | null;
  readonly lr: number;
  /** `cifar10`, or `shapes, standing in for cifar10`. */
  readonly data: string;
  /** Its layers with weights: `2 conv2d, 3 linear`. */
  readonly model: string;
  /** null: it never began. */
  readonly parameters: number | null;
  /** Seconds of training, without evaluations. */
  readonly seconds: number;
}

/**
 * @param path folder of a run
 * @returns how it stands; what cannot be read is part of it
 */
export function overviewOf(path: string): RunOverview {
  const { record, problem, isRunning } = look(path);
  const run = record && sketchOf(record);
  const about = { path, problem, run, changed: changedAt(new RunFolder(path)), bytes: bytesOf(path) };
  return { ...about, status: isRunning ? 'running' : (problem && ailing(problem)) || standing(record!) };
}

function look(path: string): {
  readonly record: RunRecord | null;
  readonly problem: LossnetError | null;
  readonly isRunning: boolean;
} {
  let isRunning = false;
  const attempt = () => {
    try {
      isRunning = isHeld(path);
      return { record: readRun(path), problem: null };
    } catch (error) {
      if (error instanceof LossnetError) return { record: null, problem: error };
      throw error;
    }
  };
  const first = attempt();
  // While its files were read, one after the other, it may have written the next.
  const result = isRunning && first.problem !== null ? attempt() : first;
  return { ...result, isRunning };
}

const ailing = ({ code }: LossnetError): RunStatus =>
  code === 'LOSSNET_RUN_DAMAGED' ? 'damaged' : 'unreadable';

function standing(record: RunRecord): RunStatus {
  const status = statusOf(record);
  return status === 'not finished' ? 'unfinished' : status;
}

/** @returns what the records of a run say of it */
export function sketchOf(record: RunRecord): RunSketch {
  const { name, config, epochs, metrics, start, summary, timings } = record;
  return {
    ...{ name, config, metrics },
    epoch: epochs.length,
    epochs: config.epochs,
    figures: figuresOf(epochs, metrics, summary?.test ?? null),
    best: bestOf(record),
    lr: namedLr(toCamelCase(config)).lr,
    data: dataOf(record),
    model: modelText(config.model),
    parameters: start?.parameters ?? null,
    seconds: timings.reduce((sum, { train_seconds }) => sum + train_seconds, 0),
  };
}

function bestOf({ epochs, config }: RunRecord): BestEpoch | null {
  const { monitor } = config.checkpoint;
  const best = epochs.findLast((epoch) => epoch.best);
  const value = best?.[keyOf(monitor)];
  return best === undefined || value == null ? null : { epoch: best.epoch, monitor, value };
}

type LayerBlock = ConfigYaml['model'][number];

/** Whether a layer has a size of its own: all that says what a model is like. */
const isSized = (layer: LayerBlock) =>
  ['out_channels', 'out_features', 'hidden_size', 'num_embeddings'].some((key) => key in layer);

function modelText(layers: readonly LayerBlock[]): string {
  const counts = new Map<string, number>();
  const add = (own: readonly LayerBlock[]): void => {
    for (const layer of own) {
      if (isSized(layer)) counts.set(layer.type, (counts.get(layer.type) ?? 0) + 1);
      if ('layers' in layer) add(layer.layers as readonly LayerBlock[]);
    }
  };
  add(layers);
  return [...counts].map(([type, count]) => (count === 1 ? type : `${count} ${type}`)).join(', ');
}

/** Not of the folder, which a report changes too. */
function changedAt(folder: RunFolder): Date {
  const times = [folder.config, folder.metrics, folder.summary].map((file) => {
    try {
      return statSync(file).mtimeMs;
    } catch {
      return 0;
    }
  });
  return new Date(Math.max(...times));
}

/** What cannot be looked into has no size that is known. */
function bytesOf(path: string): number {
  try {
    return sizeOf(path);
  } catch (error) {
    if (error instanceof LossnetError) return 0;
    throw error;
  }
}
