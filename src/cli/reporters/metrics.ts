import { closeSync, fstatSync, fsyncSync, openSync, statSync } from 'node:fs';
import { writeAll, writeFileAtomically } from '../../base/files.js';
import { readTextIfThere } from '../../base/read.js';
import { cannotWrite } from '../../base/system-errors.js';
import type { TrainEvent } from '../../train/events.js';
import { runGone } from '../store/folder.js';
import { type EventRecord, isRecorded, markStandIn, toRecord } from './record.js';
import type { Reporter } from './reporter.js';

/** What differs from run to run goes into timings.jsonl, so that equal runs have equal metrics.jsonl. */
const TIMINGS = ['train_seconds', 'eval_seconds', 'images_per_second'] as const;

/**
 * Appends the run's figures to `metrics.jsonl`, and each epoch's timings to `timings.jsonl`.
 *
 * @param files paths of both
 * @param options logEvery: one step in so many; standsInFor: the data set that was asked for, if another is used
 * @returns the reporter
 */
export function metricsReporter(
  files: { readonly metrics: string; readonly timings: string },
  options: { logEvery: number; standsInFor: string | undefined },
): Reporter {
  const metrics = new LineFile(files.metrics);
  const timings = new LineFile(files.timings);
  const write = (event: TrainEvent): void => {
    // What is saved, and how often a run was stopped, must not show in the figures of a resumed one.
    if (event.type === 'checkpoint' || event.type === 'end' || !isRecorded(event, options.logEvery)) return;
    if (event.type === 'start' && event.resumedAtStep > 0) return;
    const { resumed_at_step, ...record } = toRecord(event);
    const timing: EventRecord = { type: 'timing', epoch: record.epoch };
    for (const key of TIMINGS) {
      if (key in record) timing[key] = record[key];
      delete record[key];
    }
    metrics.append(markStandIn(record, options.standsInFor));
    if (event.type === 'epoch') timings.append(timing);
  };
  return {
    event(event) {
      // Steps that a checkpoint counts as done must be on the disk when it is.
      if (event.type === 'saving') metrics.sync();
      write(event);
    },
    close() {
      metrics.close();
      timings.close();
    },
  };
}

/**
 * Cuts the figures back to a checkpoint: what was recorded after it, and a line cut short by a kill, will be
 * recorded again.
 *
 * @param files paths of metrics.jsonl and timings.jsonl
 * @param position steps and whole epochs done at the checkpoint
 */
export function cutBack(
  files: { readonly metrics: string; readonly timings: string },
  position: { readonly step: number; readonly epoch: number },
): void {
  for (const file of [files.metrics, files.timings]) {
    const text = readTextIfThere(file);
    if (text === null) continue;
    const kept = text.split('\n').filter((line) => isBefore(line, position));
    writeFileAtomically(file, kept.map((line) => `${line}\n`).join(''));
  }
}

function isBefore(line: string, position: { step: number; epoch: number }): boolean {
  let record: EventRecord;
  try {
    record = JSON.parse(line) as EventRecord;
  } catch {
    return false;
  }
  if (record.type === 'start') return position.step > 0;
  if (record.type === 'step' || record.type === 'layers') return Number(record.step) <= position.step;
  if (record.type === 'epoch' || record.type === 'timing') return Number(record.epoch) <= position.epoch;
  return false;
}

/** A file of JSON lines, each written at once: a kill cuts off the last line at most. */
class LineFile {
  #handle: number | undefined;

  constructor(readonly file: string) {}

  append(record: EventRecord): void {
    this.#guarded(() => {
      this.#handle ??= openSync(this.file, 'a');
      writeAll(this.#handle, Buffer.from(`${JSON.stringify(record)}\n`));
      this.#checkThere(this.#handle);
    });
  }

  sync(): void {
    if (this.#handle !== undefined) this.#guarded(() => fsyncSync(this.#handle!));
  }

  close(): void {
    const handle = this.#handle;
    this.#handle = undefined;
    if (handle !== undefined) this.#guarded(() => closeSync(handle));
  }

  /** A file that was removed can be written to as if nothing had happened. */
  #checkThere(handle: number): void {
    const [opened, named] = [fstatSync(handle), statSync(this.file, { throwIfNoEntry: false })];
    if (opened.ino !== named?.ino || opened.dev !== named.dev) throw runGone(this.file);
  }

  #guarded(write: () => void): void {
    try {
      write();
    } catch (error) {
      throw cannotWrite(this.file, error);
    }
  }
}
