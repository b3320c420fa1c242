import { setImmediate as nextTurn } from 'node:timers/promises';
import { readTextIfThere } from '../../base/read.js';
import type { Plan } from '../../config/index.js';
import type { EndEvent, StartEvent, TrainEvent } from '../../train/events.js';
import type { RunFolder } from '../store/folder.js';
import { metricsReporter } from '../store/metrics-writer.js';
import { parseSummary } from '../store/records.js';
import type { Reporter } from '../store/reporter.js';
import { tensorboardReporter } from '../store/tensorboard.js';
import type { Data } from './prepare.js';

/** What writes down the events of a run, as its configuration says. */
export function reportersFor(plan: Plan, folder: RunFolder, { standsInFor }: Data): Reporter[] {
  const { logEvery, tensorboard } = plan.config;
  const metrics = metricsReporter(folder, { logEvery, standsInFor });
  return tensorboard ? [metrics, tensorboardReporter(folder.path, logEvery)] : [metrics];
}

/**
 * Milliseconds until a signal is heard, and until it is noticed that the folder has gone: to look after each step takes longer than all
 * else that is done between two of them.
 */
const LOOK_EVERY = 50;

/** Records every event, then passes it on; lets signals in between two of them, and looks after the folder. */
export async function* recorded(
  start: StartEvent,
  events: Iterable<TrainEvent> | AsyncIterable<TrainEvent>,
  folder: RunFolder,
  reporters: readonly Reporter[],
): AsyncGenerator<TrainEvent, { end: EndEvent; samplesPerSecond: number | null }> {
  let samplesPerSecond: number | null = null;
  let looked = performance.now();
  const record = (event: TrainEvent): TrainEvent => {
    // Checkpoints are written after the event that says so.
    if (!isOften(event)) folder.checkOwn();
    for (const reporter of reporters) reporter.event(event);
    if (event.type === 'epoch') samplesPerSecond = event.samplesPerSecond;
    return event;
  };
  try {
    yield record(start);
    for await (const event of events) {
      yield record(event);
      if (event.type === 'end') return { end: event, samplesPerSecond };
      if (isOften(event) && performance.now() - looked < LOOK_EVERY) continue;
      folder.checkOwn();
      await nextTurn();
      looked = performance.now();
    }
    throw new Error('the trainer ended without an end event');
  } finally {
    for (const reporter of reporters) reporter.close?.();
  }
}

/** What is told of a step, or of a batch that is evaluated. */
const isOften = ({ type }: TrainEvent) => type === 'step' || type === 'evaluation';

/** Whether there is a whole summary of a run that got to its end. */
export function saysDone({ summary }: RunFolder): boolean {
  try {
    return parseSummary(readTextIfThere(summary) ?? '').status === 'done';
  } catch {
    return false;
  }
}
