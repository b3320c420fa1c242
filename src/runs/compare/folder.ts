import { appendFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { LossnetError, UsageError } from '../../base/errors.js';
import { makeFolder, makeOneFolder, sweepTemporaryFiles, writeFileAtomically } from '../../base/files.js';
import type { Lock } from '../../base/lock.js';
import { exists, kindOf, namesIn } from '../../base/read.js';
import { listing } from '../../config/problems/text.js';
import {
  parseComparison,
  type RecordedComparison,
  type RunThreads,
  readComparison,
} from '../store/comparison.js';
import { Damage } from '../store/damage.js';
import { discard, sweepDiscarded } from '../store/discard.js';
import { isAbandoned, isRun, RunFolder } from '../store/folder.js';
import { lockFolder, refuseIfHeld, untilReleased } from '../store/lock.js';

/** What a comparison writes beside its runs: nothing else is ever deleted. */
const OWN_FILES = /^(compare\.json|best\.yaml|report\.(html|svg|png)|\.lock.*|\.tmp-.*)$/;
/** Folders of it, and how the file that it has there for a run ends; older versions kept configurations too. */
const OWN_FOLDERS: Readonly<Record<string, string>> = { configs: '.yaml', logs: '.log' };
/** Where the trials of a tuned comparison lie: a comparison of its own within it. */
export const TRIALS = 'trials';
/** How long a process that was left behind may take to save its run. */
export const PATIENCE_MILLISECONDS = 20_000;
/** The part of compare.json that decides what the comparison is. */
export interface Asked {
  readonly type: 'comparison';
  readonly lossnet: string;
  /** Hash of every run's whole configuration: the same request, the same folder. */
  readonly sha256: string;
  /** Of each run; null where nothing was trained. */
  readonly threads: RunThreads | null;
  readonly [key: string]: unknown;
}

/** A comparison on disk: compare.json, logs/ and an ordinary run folder for each run. */
export class ComparisonFolder {
  #lock: Lock | undefined;

  constructor(readonly path: string) {}

  get file(): string {
    return join(this.path, 'compare.json');
  }

  run(name: string): RunFolder {
    return new RunFolder(join(this.path, name));
  }

  log(name: string): string {
    return join(this.path, 'logs', `${name}.log`);
  }

  /**
   * Makes the folder this process's own.
   *
   * @param sha256 hash of the request
   * @param force whether another request's comparison is replaced
   * @returns what was asked here before, when it was the same; else null
   * @throws UsageError when something else is there, or another process at work
   */
  async claim(sha256: string, force: boolean): Promise<RecordedComparison | null> {
    sweepDiscarded(dirname(this.path));
    if (force && exists(this.path)) await this.#discard();
    const before = this.#before(sha256);
    makeFolder(this.path);
    this.#lock = lockFolder(this.path);
    sweepTemporaryFiles(this.path);
    return before;
  }

  release(): void {
    this.#lock?.release();
    this.#lock = undefined;
  }

  /** @throws LossnetError when the folder that this process claimed was removed or replaced */
  checkOwn(): void {
    if (this.#lock?.isHeld() === true) return;
    throw new LossnetError(
      'LOSSNET_COMPARISON_GONE',
      `${this.path} was removed or replaced while the comparison was at work.`,
      'Give the same command again, and let nothing else change its folder meanwhile.',
    );
  }

  /** @throws LossnetError when it cannot be written, or the folder was removed or replaced meanwhile */
  write(content: Asked): void {
    this.checkOwn();
    writeFileAtomically(this.file, `${JSON.stringify(content, null, 2)}\n`);
  }

  /** Writes the best configuration beside the runs. @throws LossnetError as `write` does */
  writeBest(text: string): void {
    this.checkOwn();
    writeFileAtomically(join(this.path, 'best.yaml'), text);
  }

  appendLog(name: string, line: string): void {
    try {
      makeOneFolder(dirname(this.log(name)));
      appendFileSync(this.log(name), `${line}\n`);
    } catch {
      // A log that cannot be written must not end a run that can go on.
    }
  }

  #before(sha256: string): RecordedComparison | null {
    if (!exists(this.path) || isEmpty(this.path)) return null;
    const recorded = this.#recorded();
    if (recorded?.sha256 === sha256) return recorded;
    if (recorded !== null) {
      throw new UsageError(
        'LOSSNET_COMPARISON_EXISTS',
        `${this.path} holds a comparison of something else.`,
        'Choose another --name, or replace it with --force.',
      );
    }
    throw this.#isForeign();
  }

  /** What compare.json says; null when there is none. */
  #recorded(): RecordedComparison | null {
    try {
      return parseComparison(this.path);
    } catch (error) {
      if (!(error instanceof Damage)) throw error;
      throw new UsageError(
        'LOSSNET_COMPARISON_DAMAGED',
        `${this.file} is damaged: ${error.message}.`,
        `Put it back as it was, or choose another name with --name. Nothing in ${this.path} was touched.`,
      );
    }
  }

  #isForeign(): UsageError {
    return new UsageError(
      'LOSSNET_COMPARISON_FOREIGN',
      `${this.path} exists and is no comparison of lossnet.`,
      'Choose another name with --name.',
    );
  }

  async #discard(): Promise<void> {
    if (kindOf(this.path) !== 'folder') throw this.#isForeign();
    const foreign = isEmpty(this.path) ? [] : this.#foreign();
    if (foreign.length > 0) {
      throw new UsageError(
        'LOSSNET_COMPARISON_FOREIGN',
        `${this.path} holds what is not of this comparison, so --force will not replace it: ${listing(foreign)}.`,
        'Move that elsewhere, or choose another name with --name.',
      );
    }
    const lock = lockFolder(this.path);
    try {
      // Processes of a comparison that was killed notice it at their next step. Until then they write here.
      const trials = join(this.path, TRIALS);
      const folders = [this.path, ...(kindOf(trials) === 'folder' ? [trials] : [])];
      for (const path of folders.flatMap((folder) => namesIn(folder).map((name) => join(folder, name)))) {
        await untilReleased(path, { milliseconds: PATIENCE_MILLISECONDS });
        refuseIfHeld(path);
      }
      discard(this.path);
    } finally {
      lock.release();
    }
  }

  /** What lies in the folder that no comparison writes, and runs that this one has not asked for. */
  #foreign(): string[] {
    const comparison = this.#recorded();
    if (comparison === null) throw this.#isForeign();
    const runs = comparison.runs.map((run) => relative(this.path, run));
    return namesIn(this.path).flatMap((name): string[] => {
      if (OWN_FILES.test(name)) return [];
      const path = join(this.path, name);
      if (name === TRIALS && kindOf(path) === 'folder') {
        const trials = isEmpty(path) ? [] : new ComparisonFolder(path).#foreign();
        return trials.map((found) => join(name, found));
      }
      const ending = OWN_FOLDERS[name];
      if (ending !== undefined && kindOf(path) === 'folder') {
        const own = runs.map((run) => `${run}${ending}`);
        return namesIn(path)
          .filter((file) => !own.includes(file) && !file.startsWith('.tmp-'))
          .map((file) => join(name, file));
      }
      return runs.includes(name) && (isRun(path) || isAbandoned(path)) ? [] : [name];
    });
  }
}

/**
 * Removes a comparison of which no run is left: what it wrote beside them says nothing any more.
 *
 * @param path its folder
 * @returns whether it was removed: not where anything else lies in it
 * @throws UsageError when it is at work; LossnetError when it cannot be removed
 */
export function removeEmptyComparison(path: string): boolean {
  // Trials lie within a comparison, which may be kept for them alone.
  if (basename(path) === TRIALS) {
    const isRemoved = removeIfEmpty(path);
    if (isRemoved) removeIfEmpty(dirname(path));
    return isRemoved;
  }
  const trials = join(path, TRIALS);
  if (kindOf(trials) === 'folder') removeIfEmpty(trials);
  return removeIfEmpty(path);
}

function removeIfEmpty(path: string): boolean {
  const runs = readComparison(path)?.runs.map((run) => basename(run)) ?? [];
  const isOwn = (name: string) => {
    const ending = OWN_FOLDERS[name];
    if (ending === undefined) return OWN_FILES.test(name);
    return namesIn(join(path, name)).every(
      (file) => file.startsWith('.tmp-') || runs.some((run) => file === `${run}${ending}`),
    );
  };
  if (!exists(join(path, 'compare.json')) || !namesIn(path).every(isOwn)) return false;
  const lock = lockFolder(path);
  try {
    discard(path);
    return true;
  } finally {
    lock.release();
  }
}

/** Whether a process was killed here before it had written anything. */
function isEmpty(path: string): boolean {
  return (
    kindOf(path) === 'folder' &&
    namesIn(path).every((name) => /^\.(lock|tmp-)/.test(name) || isAbandoned(join(path, name)))
  );
}
