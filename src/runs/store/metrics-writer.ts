import { closeSync, fstatSync, fsyncSync, openSync, statSync } from 'node:fs';
import { writeAll } from '../../base/files.js';
import { cannotWrite } from '../../base/system-errors.js';
import type { TrainEvent } from '../../train/events.js';
import { type EventRecord, epochRecords, isRecorded, markStandIn, toRecord } from './event-record.js';
import { runGone } from './folder.js';
import type { Reporter } from './reporter.js';

/**
 * Appends the run's figures to `metrics.jsonl`, and each epoch's timings to `timings.jsonl`: so equal runs have equal
 * `metrics.jsonl`.
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
  /** An epoch is on record once it is saved: a run that was killed has no epoch that it cannot go on from. */
  let unsaved: EventRecord | null = null;
  const appendUnsaved = (): void => {
    if (unsaved !== null) metrics.append(unsaved);
    unsaved = null;
  };
  const write = (event: TrainEvent): void => {
    // What is saved, and how often a run was stopped, must not show in the figures of a resumed one.
    if (event.type === 'checkpoint' || event.type === 'end' || !isRecorded(event, options.logEvery)) return;
    if (event.type === 'start' && event.resumedAtStep > 0) return;
    if (event.type === 'epoch') {
      const { figures, timing } = epochRecords(event);
      unsaved = markStandIn(figures, options.standsInFor);
      timings.append(timing);
    } else {
      const { resumed_at_step, ...record } = toRecord(event);
      metrics.append(markStandIn(record, options.standsInFor));
    }
  };
  return {
    event(event) {
      // What a checkpoint counts as done must be on the disk when it is, and all when the run says that it has ended.
      if (event.type === 'saving' || event.type === 'end') {
        metrics.sync();
        timings.sync();
      }
      // A run that diverged in saving an epoch ends with its figures.
      if (event.type === 'checkpoint' || event.type === 'diverged') appendUnsaved();
      write(event);
    },
    close() {
      metrics.close();
      timings.close();
    },
  };
}

/** A file of JSON lines, each written at once: a kill cuts off the last line at most. */
class LineFile {
  #handle: number | undefined;
  #isSynced = true;

  constructor(readonly file: string) {}

  append(record: EventRecord): void {
    this.#guarded(() => {
      this.#handle ??= openSync(this.file, 'a');
      this.#isSynced = false;
      writeAll(this.#handle, Buffer.from(`${JSON.stringify(record)}\n`));
      this.#checkThere(this.#handle);
    });
  }

  sync(): void {
    if (this.#handle === undefined || this.#isSynced) return;
    this.#guarded(() => fsyncSync(this.#handle!));
    this.#isSynced = true;
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
