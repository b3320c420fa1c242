import { toSnakeCase } from '../../config/index.js';
import { flatFigures, flatTestFigures } from '../../train/epoch-figures.js';
import type { EpochEvent, TrainEvent } from '../../train/events.js';

/** One line of JSON about an event, as `--json` and the run's files have it. */
export type EventRecord = Record<string, unknown>;

/**
 * @param event an event
 * @returns its record: keys in snake_case, each metric under one of its own; a number that JSON cannot hold is null and
 * named in `non_finite`
 */
export function toRecord(event: TrainEvent): EventRecord {
  const record = toSnakeCase(flat(event));
  const nonFinite = Object.keys(record).filter(
    (key) => typeof record[key] === 'number' && !Number.isFinite(record[key]),
  );
  if (nonFinite.length === 0) return record;
  const nulls = Object.fromEntries(nonFinite.map((key) => [key, null]));
  return { ...record, ...nulls, non_finite: nonFinite };
}

function flat(event: TrainEvent): object {
  // The speed under its name of before samples were not always images, too.
  if (event.type === 'epoch') return { ...flatFigures(event), imagesPerSecond: event.samplesPerSecond };
  if (event.type !== 'end') return event;
  const { final, test, ...end } = event;
  // Told only where there are samples for the end.
  return {
    ...end,
    final: final && flatFigures(final),
    ...(test && { test: flatTestFigures(test) }),
  };
}

const TIMINGS: ReadonlySet<string> = new Set([
  'train_seconds',
  'eval_seconds',
  'samples_per_second',
  'images_per_second',
]);

/**
 * @param event the end of an epoch
 * @returns its record in two: figures, which equal runs share; and timing, which differs from run to run
 */
export function epochRecords(event: EpochEvent): { figures: EventRecord; timing: EventRecord } {
  const entries = Object.entries(toRecord(event));
  const timings = entries.filter(([key]) => TIMINGS.has(key));
  return {
    figures: Object.fromEntries(entries.filter(([key]) => !TIMINGS.has(key))),
    timing: { type: 'timing', epoch: event.epoch, ...Object.fromEntries(timings) },
  };
}

/** Names in a record the data that was asked for, when other data stands in for it. */
export function markStandIn(record: EventRecord, standsInFor: string | undefined): EventRecord {
  return standsInFor === undefined ? record : { ...record, stands_in_for: standsInFor };
}

/** Steps are recorded every so many only; all other events always. */
export function isRecorded(event: TrainEvent, logEvery: number): boolean {
  if (event.type === 'evaluation' || event.type === 'saving') return false;
  return event.type !== 'step' || event.step % logEvery === 0;
}
