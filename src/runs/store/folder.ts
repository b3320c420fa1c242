import { dirname, join } from 'node:path';
import { LossnetError, UsageError } from '../../base/errors.js';
import { makeFolder, makeOneFolder, sweepTemporaryFiles } from '../../base/files.js';
import type { Lock } from '../../base/lock.js';
import { exists, kindOf, namesIn, readTextIfThere } from '../../base/read.js';
import { type ConfigYaml, configToYaml, SAVED_CONFIG_HEAD } from '../../config/index.js';
import { discard, sweepDiscarded } from './discard.js';
import { lockFolder } from './lock.js';

/** What lossnet writes into a run's folder: nothing else is ever deleted. */
const OWN_FILES =
  /^(config\.yaml|preprocessing\.json|sources\.json|metrics\.jsonl|timings\.jsonl|summary\.json|checkpoints|(savedmodel|onnx|tfjs|safetensors)(\.tmp-.*)?|(report|landscape)\.(html|svg|png)|flatness\.json|events\.out\.tfevents\..*|\.lock.*|\.tmp-.*)$/;

/** By this file an exported model is known: it has the configuration of its run beside it, and is none. */
export const EXPORT_RECORD = 'export.json';

/** What to do about a folder that exists already. */
export type FolderMode = 'new' | 'resume' | 'force';

/** A run on disk: `config.yaml`, `preprocessing.json`, `sources.json`, `metrics.jsonl`, `timings.jsonl`, `summary.json` and `checkpoints/`. */
export class RunFolder {
  #lock: Lock | undefined;

  constructor(readonly path: string) {}

  get config(): string {
    return join(this.path, 'config.yaml');
  }

  get metrics(): string {
    return join(this.path, 'metrics.jsonl');
  }

  get timings(): string {
    return join(this.path, 'timings.jsonl');
  }

  get preprocessing(): string {
    return join(this.path, 'preprocessing.json');
  }

  get sources(): string {
    return join(this.path, 'sources.json');
  }

  get summary(): string {
    return join(this.path, 'summary.json');
  }

  get checkpoints(): string {
    return join(this.path, 'checkpoints');
  }

  /**
   * Refuses early, before anything slow happens, what `claim` would refuse.
   *
   * @throws UsageError when the folder's being there, or not, contradicts the mode
   */
  check(mode: FolderMode): void {
    try {
      this.#check(mode);
    } catch (error) {
      if (!(error instanceof LossnetError) || error.code !== 'LOSSNET_READ_FAILED') throw error;
      const another = 'Or start another run with --name.';
      throw new LossnetError(error.code, error.message, `${error.remedy}\n${another}`, { cause: error });
    }
  }

  #check(mode: FolderMode): void {
    if (mode === 'resume' && isExported(this.path)) throw exportedModel(this.path);
    if (mode === 'resume' && !exists(this.config)) {
      throw new UsageError(
        'LOSSNET_RUN_MISSING',
        `There is no run to resume in ${this.path}.`,
        `Leave out --resume to start it${listRuns(dirname(this.path))}.`,
      );
    }
    if (mode === 'new' && exists(this.path) && !isAbandoned(this.path)) throw this.#exists();
    if (mode === 'force' && exists(this.path) && !isAbandoned(this.path) && !isRun(this.path)) {
      throw new UsageError(
        'LOSSNET_RUN_FOREIGN',
        `${this.path} is not a run of lossnet, so --force will not replace it.`,
        'Choose another name with --name.',
      );
    }
  }

  /**
   * Makes the folder this process's own.
   *
   * @throws UsageError when it is taken; LossnetError when it cannot be made
   */
  claim(mode: FolderMode): void {
    this.check(mode);
    sweepDiscarded(dirname(this.path));
    if (mode === 'force') this.#discard();
    if (mode !== 'resume') this.#make();
    this.#lock = lockFolder(this.path);
    sweepTemporaryFiles(this.path);
  }

  release(): void {
    this.#lock?.release();
    this.#lock = undefined;
  }

  /**
   * Makes sure that what is written reaches the run that this process claimed. Before that there is nothing to check.
   *
   * @param files that must be there by now
   * @throws LossnetError when the folder, or one of the files, was removed or replaced
   */
  checkOwn(files: readonly string[] = []): void {
    if (this.#lock === undefined) return;
    const isOurs = this.#lock.isHeld();
    const missing = isOurs ? files.find((file) => !exists(file)) : this.path;
    if (missing !== undefined) throw runGone(missing);
  }

  #make(): void {
    makeFolder(dirname(this.path));
    if (!makeOneFolder(this.path) && !isAbandoned(this.path)) throw this.#exists();
  }

  #discard(): void {
    if (exists(this.path)) removeRun(this.path);
  }

  #exists(): UsageError {
    return new UsageError(
      'LOSSNET_RUN_EXISTS',
      `${this.path} exists already.`,
      'Add --resume to continue it, --name <name> to keep it and start another, or --force to replace it.',
    );
  }
}

/** The text of a run's config.yaml: a configuration with every default filled in. */
export function savedConfig(yaml: ConfigYaml, version: string, standsInFor: string | undefined): string {
  const lines = [`${SAVED_CONFIG_HEAD}${version}: every default filled in.`];
  if (standsInFor)
    lines.push(
      `# ${standsInFor} could not be had: this run trained on generated shapes, which stood in for it.`,
    );
  return `${lines.join('\n')}\n${configToYaml(yaml)}`;
}

/** The error for a run whose folder, or a file of it, is not the one any more that this process wrote to. */
export function runGone(path: string): LossnetError {
  return new LossnetError(
    'LOSSNET_RUN_GONE',
    `${path} was removed or replaced while the run was at work: what was trained is not saved.`,
    'Train it again, and let nothing else change its folder meanwhile.',
  );
}

/**
 * Removes a run: renamed first, so that a kill in between leaves nothing that looks like one.
 *
 * @param path its folder, which lossnet alone wrote into
 * @throws UsageError when a process is at work there; LossnetError when it cannot be removed
 */
export function removeRun(path: string): void {
  const lock = lockFolder(path);
  try {
    discard(path);
  } finally {
    lock.release();
  }
}

/** Whether an exported model lies there. @throws LossnetError when that cannot be told */
export const isExported = (path: string): boolean => exists(join(path, EXPORT_RECORD));

/** The error for an exported model where a run is wanted. */
export function exportedModel(path: string): UsageError {
  return new UsageError(
    'LOSSNET_RUN_MISSING',
    `${path} is an exported model, and no run: it has nothing of its training.`,
    'Name the folder of the run that it was exported from.',
  );
}

/** Whether lossnet wrote all that is there, so that it may be replaced. */
export function isRun(path: string): boolean {
  return hasSavedConfig(path) && foreignIn(path).length === 0;
}

/** Whether a run's configuration is there, as lossnet saved it. */
export function hasSavedConfig(path: string): boolean {
  const config = join(path, 'config.yaml');
  return kindOf(config) === 'file' && readTextIfThere(config)?.startsWith(SAVED_CONFIG_HEAD) === true;
}

/** What lies in a run's folder that lossnet did not write. */
export function foreignIn(path: string): string[] {
  return namesIn(path).filter((name) => !OWN_FILES.test(name));
}

/** What is written before config.yaml, which makes a folder that of a run. */
const BEGUN = /^(\.(lock|tmp-).*|preprocessing\.json|sources\.json)$/;

/** Whether a process was killed here before it had begun a run. */
export function isAbandoned(path: string): boolean {
  return kindOf(path) === 'folder' && namesIn(path).every((name) => BEGUN.test(name));
}

function listRuns(folder: string): string {
  try {
    const runs = namesIn(folder).filter((name) => exists(join(folder, name, 'config.yaml')));
    return runs.length === 0 ? '' : `; runs in ${folder}: ${runs.join(', ')}`;
  } catch {
    return '';
  }
}
