import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cannotWrite, sweepTemporaryFiles } from '../../train/files.js';
import { UsageError } from '../errors.js';
import { discard } from './discard.js';
import { lockFolder } from './lock.js';
import { SAVED_CONFIG_HEAD } from './saved-config.js';

/** What lossnet writes into a run's folder: nothing else is ever deleted. */
const OWN_FILES =
  /^(config\.yaml|metrics\.jsonl|timings\.jsonl|summary\.json|checkpoints|savedmodel|report\.(html|svg|png)|events\.out\.tfevents\..*|\.lock.*|\.tmp-.*)$/;

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
    if (mode === 'new' && existsSync(this.path) && !isAbandoned(this.path)) throw this.#exists();
    if (mode === 'force' && existsSync(this.path) && !isAbandoned(this.path) && !isRun(this.path)) {
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
  async claim(mode: FolderMode): Promise<void> {
    this.check(mode);
    if (mode === 'force') await this.#discard();
    if (mode !== 'resume') this.#make();
    this.#unlock = await lockFolder(this.path);
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
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw cannotWrite(this.path, error);
      if (!isAbandoned(this.path)) throw this.#exists();
    }
  }

  async #discard(): Promise<void> {
    if (!existsSync(this.path)) return;
    await lockFolder(this.path);
    discard(this.path);
  }

  #exists(): UsageError {
    return new UsageError(
      'LOSSNET_RUN_EXISTS',
      `${this.path} exists already.`,
      'Add --resume to continue it, --name <name> to keep it and start another, or --force to replace it.',
    );
  }
}

/** Whether lossnet wrote all that is there, so that it may be replaced. */
export function isRun(path: string): boolean {
  const config = join(path, 'config.yaml');
  return (
    existsSync(config) &&
    readFileSync(config, 'utf8').startsWith(SAVED_CONFIG_HEAD) &&
    readdirSync(path).every((name) => OWN_FILES.test(name))
  );
}

/** Whether a process was killed here before it had written anything. */
export function isAbandoned(path: string): boolean {
  return statSync(path).isDirectory() && readdirSync(path).every((name) => /^\.(lock|tmp-)/.test(name));
}

function listRuns(folder: string): string {
  try {
    const runs = readdirSync(folder).filter((name) => existsSync(join(folder, name, 'config.yaml')));
    return runs.length === 0 ? '' : `; runs in ${folder}: ${runs.join(', ')}`;
  } catch {
    return '';
  }
}
