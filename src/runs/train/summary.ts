import os from 'node:os';
import { VERSION } from '../../base/package.js';
import { type Config, toSnakeCase } from '../../config/index.js';
import { tensorflowVersions } from '../../train/backend/tensorflow.js';
import type { Engine } from '../../train/engine/index.js';
import { currentThreads } from '../../train/engine/threads.js';
import { flatFigures, flatTestFigures } from '../../train/epoch-figures.js';
import type { EndEvent, EpochFigures, StartEvent } from '../../train/events.js';

/** How a run went. */
export interface Summary {
  readonly config: Config;
  /** What ran the steps. */
  readonly engine: Engine;
  readonly start: StartEvent;
  readonly end: EndEvent;
  /** The last whole epoch, and the best one. */
  readonly last: EpochFigures | null;
  readonly best: { readonly epoch: number; readonly value: number } | null;
  /** Training speed in the last epoch of this process. */
  readonly samplesPerSecond: number | null;
  readonly standsInFor: string | undefined;
  readonly wallSeconds: number;
  /** How it was shared out over processes; null: this one was alone. */
  readonly parallel: {
    readonly ranks: number;
    readonly parts: number;
    /** In which rank 0 has added up with the others, or waited for them, in the steps of this process. */
    readonly waitedSeconds: number;
  } | null;
}

/**
 * What is worth knowing of a run when it has ended, whatever the way.
 *
 * @param input the run's first and last events
 * @returns the content of summary.json
 */
export function summarize(input: Summary): Record<string, unknown> {
  const { config, start, end, last, best, samplesPerSecond, standsInFor, wallSeconds, parallel } = input;
  const threads = currentThreads();
  const speed = samplesPerSecond && Math.round(samplesPerSecond);
  return toSnakeCase({
    name: config.name,
    status: end.status,
    ...(end.stopped && { stopped: end.stopped }),
    ...(standsInFor && { standsInFor }),
    epochs: end.epoch,
    steps: end.step,
    final: last && finalFigures(last),
    best: best && { epoch: best.epoch, monitor: config.checkpoint.monitor, value: best.value },
    ...(end.test && { test: flatTestFigures(end.test) }),
    diagnosis: end.diagnosis,
    parameters: start.parameters,
    ...(start.trainableParameters !== undefined && { trainableParameters: start.trainableParameters }),
    dataset: { train: start.train, eval: start.eval, ...(start.test && { test: start.test }) },
    seed: config.seed,
    engine: input.engine,
    ...(parallel && {
      parallel: { ...parallel, waitedSeconds: Number(parallel.waitedSeconds.toFixed(3)) },
    }),
    wallSeconds: Number(wallSeconds.toFixed(3)),
    samplesPerSecond: speed,
    // The name of before samples were not always images.
    imagesPerSecond: speed,
    resumedAtStep: start.resumedAtStep,
    versions: { lossnet: VERSION, node: process.versions.node, ...tensorflowVersions() },
    // Results are the same to the last bit only for the same number of threads.
    threads: { intraOp: threads.intra, interOp: threads.inter },
    machine: {
      platform: `${process.platform}-${process.arch}`,
      cpu: os.cpus()[0]?.model.trim() ?? 'unknown',
    },
  });
}

/** What the last whole epoch has reached. */
function finalFigures(last: EpochFigures): object {
  const { step, lr, groupLrs, best, ...figures } = flatFigures(last);
  return figures;
}
