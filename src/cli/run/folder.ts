import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cannotWrite, sweepTemporaryFiles } from '../../train/files.js';
import { UsageError } from '../errors.js';
import { lockFolder } from './lock.js';

/** What to do about a folder that exists already. */
export type FolderMode = 'new' | 'resume' | 'force';

/** A run on disk: `config.yaml`, `metrics.jsonl`, `timings.jsonl`, `summary.json` and `checkpoints/`. */
export class RunFolder {
  #unlock: (() => void) | undefined;

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
    if (mode === 'resume' && !existsSync(this.config)) {
      throw new UsageError(
        'LOSSNET_RUN_MISSING',
        `There is no run to resume in ${this.path}.`,
        `Leave out --resume to start it${listRuns(dirname(this.path))}.`,
      );
    }
    if (mode === 'new' && existsSync(this.path)) throw this.#exists();
    if (mode === 'force' && existsSync(this.path) && !isRun(this.path)) {
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
    if (mode === 'force') this.#discard();
    if (mode !== 'resume') this.#make();
    this.#unlock = lockFolder(this.path);
    sweepTemporaryFiles(this.path);
  }

  release(): void {
    this.#unlock?.();
    this.#unlock = undefined;
  }

  #make(): void {
    const parent = dirname(this.path);
    try {
      mkdirSync(parent, { recursive: true });
    } catch (error) {
      throw cannotWrite(parent, error);
    }
    try {
      mkdirSync(this.path);
    } catch (error) {
      throw (error as NodeJS.ErrnoException).code === 'EEXIST'
        ? this.#exists()
        : cannotWrite(this.path, error);
    }
  }

  /** Renames before deleting, so that a kill in between never leaves half of an old run under the new one's name. */
  #discard(): void {
    if (!existsSync(this.path)) return;
    lockFolder(this.path);
    const discarded = join(dirname(this.path), `.discarded-${process.pid}-${Date.now()}`);
    renameSync(this.path, discarded);
    rmSync(discarded, { recursive: true, force: true });
  }

  #exists(): UsageError {
    return new UsageError(
      'LOSSNET_RUN_EXISTS',
      `${this.path} exists already.`,
      'Add --resume to continue it, --name <name> to keep it and start another, or --force to replace it.',
    );
  }
}

function isRun(path: string): boolean {
  return (
    statSync(path).isDirectory() && (existsSync(join(path, 'config.yaml')) || readdirSync(path).length === 0)
  );
}

function listRuns(folder: string): string {
  if (!existsSync(folder)) return '';
  const runs = readdirSync(folder).filter((name) => existsSync(join(folder, name, 'config.yaml')));
  return runs.length === 0 ? '' : `; runs in ${folder}: ${runs.join(', ')}`;
}
