import type { Io } from '../../cli/io.js';
import type { StopRequest } from '../../cli/signals.js';
import type { Plan } from '../../config/index.js';
import { loadTensorFlow } from '../../train/backend/tensorflow.js';
import type { Dataset } from '../../train/data/dataset.js';
import { createSource } from '../../train/data/sources/index.js';
import { setThreads, stepWork } from '../../train/engine/threads.js';

/** The data of a run, and what is to be said about it. */
export interface Data {
  readonly train: Dataset;
  readonly eval: Dataset;
  /** The data set that was asked for, when generated shapes stand in for it. */
  readonly standsInFor: string | undefined;
}

/**
 * Loads what takes long: TensorFlow, provided on first use, and the data, downloaded on first use. Both say what
 * they do while it takes long.
 *
 * @param plan what is to be trained
 * @param io where to say it
 * @param stop stops a download
 * @returns the data; null when a signal came in between
 */
export async function prepare(plan: Plan, io: Io, stop: StopRequest): Promise<Data | null> {
  try {
    const data = await load(plan, io, stop.signal);
    return stop.exitCode === undefined ? data : null;
  } catch (error) {
    if (stop.exitCode !== undefined) return null;
    throw error;
  }
}

async function load({ config, model }: Plan, io: Io, signal: AbortSignal): Promise<Data> {
  const { warnings, ...datasets } = await createSource(config.dataset).load({
    onProgress: downloadProgress(io),
    signal,
  });
  for (const warning of warnings) {
    io.log(`${io.style.err.yellow(io.style.err.bold('WARNING'))} ${io.style.err.yellow(warning)}`);
  }
  setThreads(config.threads, stepWork(model, config.loader.batchSize, config.engine));
  await loadTensorFlow((message) => io.log(message));
  return { ...datasets, standsInFor: datasets.train.identity.standsInFor };
}

/** Percent on one line of a terminal; elsewhere a line each tenth. */
function downloadProgress(io: Io): (received: number, total: number) => void {
  let shown = -1;
  return (received, total) => {
    const percent = Math.floor((received / total) * (io.isLive ? 100 : 10)) * (io.isLive ? 1 : 10);
    if (percent === shown) return;
    shown = percent;
    const line = `Downloading CIFAR-10: ${percent} % of ${Math.round(total / 1e6)} MB`;
    if (io.isLive) io.stderr.write(`\r${line}${percent === 100 ? '\n' : ''}`);
    else io.log(line);
  };
}
