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

/** Records every event, then passes it on; lets signals in between two of them. */
export async function* recorded(
  start: StartEvent,
  events: Iterable<TrainEvent> | AsyncIterable<TrainEvent>,
  folder: RunFolder,
  reporters: readonly Reporter[],
): AsyncGenerator<TrainEvent, { end: EndEvent; samplesPerSecond: number | null }> {
  let samplesPerSecond: number | null = null;
  const record = (event: TrainEvent): TrainEvent => {
    // Checkpoints are written after the event that says so.
    folder.checkOwn();
    for (const reporter of reporters) reporter.event(event);
    if (event.type === 'epoch') samplesPerSecond = event.samplesPerSecond;
    return event;
  };
  try {
    yield record(start);
    for await (const event of events) {
      yield record(event);
      if (event.type === 'end') return { end: event, samplesPerSecond };
      await nextTurn();
    }
    throw new Error('the trainer ended without an end event');
  } finally {
    for (const reporter of reporters) reporter.close?.();
  }
}

/** Whether there is a whole summary of a run that got to its end. */
export function saysDone({ summary }: RunFolder): boolean {
  try {
    return parseSummary(readTextIfThere(summary) ?? '').status === 'done';
  } catch {
    return false;
  }
}
