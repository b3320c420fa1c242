import type { Plan } from '../../config/index.js';
import { beginTensorFlow, leaveTensorFlow, loadTensorFlow } from '../../train/backend/tensorflow.js';
import type { Dataset } from '../../train/data/dataset.js';
import type { Preprocessing } from '../../train/data/preprocessing.js';
import type { DataSource } from '../../train/data/source.js';
import type { Engine } from '../../train/engine/index.js';
import { setThreads, stepWork } from '../../train/engine/threads.js';
import { isStopped, type Surroundings, tell } from '../surroundings.js';

/** The data of a run, and what is to be said about it. */
export interface Data {
  readonly train: Dataset;
  readonly eval: Dataset;
  /** What is looked at once, at the end; undefined: nothing is. */
  readonly test?: Dataset | undefined;
  /** What was learnt from the training part; undefined: the configuration alone says what the model takes. */
  readonly preprocessing?: Preprocessing | undefined;
  /** The data set that was asked for, when generated shapes stand in for it. */
  readonly standsInFor: string | undefined;
}

/** How the data of a plan are had. */
export type Load = (plan: Plan, surroundings: Surroundings) => Promise<Data>;

/**
 * Loads what takes long: the data, downloaded on first use, and TensorFlow, provided on first use.
 *
 * @param plan what is to be trained
 * @param surroundings told what takes long; its signal stops a download
 * @param how parts: into how many several processes cut a batch, by default this one has it whole; load: how data are had, by
 * default they are loaded
 * @returns the data; null when it was told to stop in between
 * @throws LossnetError when the data or TensorFlow cannot be had
 */
export async function prepare(
  plan: Plan,
  surroundings: Surroundings,
  { parts, load }: { readonly parts?: number | undefined; readonly load?: Load | undefined } = {},
): Promise<Data | null> {
  try {
    // Its library is opened while the data are read.
    setThreadsFor(plan, samplesOf(plan, parts ?? null), plan.config.engine);
    beginTensorFlow(logsOf(parts ?? null));
    const data = await (load?.(plan, surroundings) ?? loadData(plan.source, surroundings));
    await startForSteps(plan, surroundings, parts ?? null);
    return isStopped(surroundings) ? null : data;
  } catch (error) {
    leaveTensorFlow();
    if (isStopped(surroundings)) return null;
    throw error;
  }
}

/**
 * @param source a data set
 * @param surroundings told of a download and of what is to be said; its signal stops a download
 * @returns its parts
 * @throws LossnetError when it cannot be had
 */
export async function loadData(source: DataSource, surroundings: Surroundings): Promise<Data> {
  const { signal } = surroundings;
  const {
    warnings,
    notes = [],
    ...datasets
  } = await source.load({
    onDownload: (name, received, total) => tell(surroundings, { type: 'download', name, received, total }),
    onPrepare: (what, done, total) => tell(surroundings, { type: 'prepare', what, done, total }),
    onMessage: (text) => tell(surroundings, { type: 'message', text }),
    signal,
  });
  const { standsInFor } = datasets.train.identity;
  for (const text of notes) tell(surroundings, { type: 'note', text });
  for (const text of warnings) {
    tell(surroundings, { type: standsInFor === undefined ? 'warning' : 'stand_in', text });
  }
  return { ...datasets, standsInFor };
}

/**
 * Loads TensorFlow for the steps of a run.
 *
 * @param plan what is trained
 * @param surroundings told when the native library has to be provided first
 * @param parts into how many parts several processes cut a batch; null: this one has it whole
 */
export async function startForSteps(
  plan: Plan,
  surroundings: Surroundings,
  parts: number | null,
): Promise<void> {
  await startTensorFlow(plan, samplesOf(plan, parts), plan.config.engine, surroundings, logsOf(parts));
}

/** What TensorFlow may log: a lost rank is told of by lossnet. */
const logsOf = (parts: number | null) => (parts === null ? 'errors' : 'fatal');

/** Samples of a step that this process computes. */
const samplesOf = ({ config }: Plan, parts: number | null) =>
  Math.ceil(config.loader.batchSize / (parts ?? 1));

function setThreadsFor({ config, model }: Plan, batchSize: number, engine: Engine): void {
  setThreads(config.threads, stepWork(model, batchSize, engine));
}

/**
 * Loads TensorFlow, with threads for the work of a step. They are fixed by the first who does so in a process.
 *
 * @param plan whose model
 * @param batchSize samples of a step
 * @param engine that makes it
 * @param surroundings told when the native library has to be provided first
 * @param logs what TensorFlow may log. Default: errors
 */
export async function startTensorFlow(
  plan: Plan,
  batchSize: number,
  engine: Engine,
  surroundings: Surroundings,
  logs: 'errors' | 'fatal' = 'errors',
): Promise<void> {
  setThreadsFor(plan, batchSize, engine);
  await loadTensorFlow((text) => tell(surroundings, { type: 'message', text }), logs);
}
