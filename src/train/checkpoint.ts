import { join } from 'node:path';
import { LossnetError } from '../base/errors.js';
import { makeOneFolder, sweepTemporaryFiles, writeFileAtomically } from '../base/files.js';
import { exists, kindOf } from '../base/read.js';
import type { Parameter } from './model/parameter.js';
import { loadStateDict, loadWeights, readWeightsFile, stateDict } from './model/weights.js';
import type { Optimizer } from './optim/optimizer.js';
import type { Progress } from './progress.js';
import { decodeResume, encodeResume, notResumable } from './resume-file.js';
import { encodeSafetensors, type StoredTensor } from './safetensors.js';
import type { Task } from './task/index.js';

export type { Progress } from './progress.js';

const BEST = 'best.safetensors';

/**
 * The checkpoints of one run, each file written whole or not at all:
 *
 * - `resume.safetensors`: weights (parameters and buffers), optimizer state and progress; what a run continues from;
 * - `last.safetensors`, `best.safetensors`: weights alone, for `load_state_dict(load_file(...))` in PyTorch,
 *   which refuses files with anything else in them.
 */
export class CheckpointStore {
  readonly #saved = new Set<string>();
  /** The best weights, where they are not written. */
  #best: ReadonlyMap<string, StoredTensor> | null = null;

  /**
   * @param folder where the files are kept; made at the first save, in a folder that is there
   * @param state the model's parameters and buffers
   * @param optimizer whose state is saved with them
   * @param task whose sums and metrics the run has
   * @param identity what a resumed run must agree on, for example the hashes of its data
   * @param isWritten false: another process writes the files, and this one reads them; the best weights it remembers
   */
  constructor(
    readonly folder: string,
    private readonly state: readonly Parameter[],
    private readonly optimizer: Optimizer,
    private readonly task: Task,
    private readonly identity: Readonly<Record<string, string>>,
    private readonly isWritten = true,
  ) {}

  /** The files that were saved so far. */
  get saved(): readonly string[] {
    return [...this.#saved];
  }

  get resumeFile(): string {
    return join(this.folder, 'resume.safetensors');
  }

  /**
   * Saves all that is needed to continue, and the weights as the last and, after an epoch that is the best so far, as the
   * best. What is needed to continue comes first: killed after it, `load` writes the weights.
   *
   * @returns the path of the file to continue from
   */
  save(progress: Progress): string {
    const state = stateDict(this.state);
    if (!this.isWritten) {
      if (isBest(progress)) this.#best = state;
      return this.resumeFile;
    }
    makeOneFolder(this.folder);
    const optimizer = this.optimizer.stateDict();
    this.#write(this.resumeFile, encodeResume({ progress, state, optimizer, identity: this.identity }));
    this.#saveWeights(progress, state);
    return this.resumeFile;
  }

  #saveWeights(progress: Progress, tensors: Map<string, StoredTensor>): void {
    const { epoch, step } = progress;
    const metadata = { format: 'pt', lossnet: JSON.stringify({ epoch, step }) };
    const bytes = encodeSafetensors({ tensors, metadata });
    this.#write(join(this.folder, 'last.safetensors'), bytes);
    if (isBest(progress)) this.#write(this.#bestFile, bytes);
  }

  #write(file: string, content: Buffer): void {
    writeFileAtomically(file, content);
    this.#saved.add(file);
  }

  /**
   * Puts weights and optimizer back to where the run was saved, and sets right what a killed process left behind.
   *
   * @returns where the run stands; null when it was never saved
   * @throws LossnetError when the file is corrupt, or was saved on other data
   */
  load(): Progress | null {
    if (this.isWritten && exists(this.folder)) sweepTemporaryFiles(this.folder);
    const progress = this.read();
    if (progress === null) return null;
    if (this.isWritten) this.#saveWeights(progress, stateDict(this.state));
    else if (isBest(progress)) this.#best = stateDict(this.state);
    return progress;
  }

  /**
   * The same, and leaves the files as they are.
   *
   * @returns where the run stands; null when it was never saved
   * @throws LossnetError when the file is corrupt, or was saved on other data
   */
  read(): Progress | null {
    if (!exists(this.resumeFile)) return null;
    const { progress, state, identity, optimizer } = decodeResume(this.resumeFile, this.task);
    this.#refuseOther(identity);
    loadStateDict(this.state, state, this.resumeFile);
    try {
      this.optimizer.loadStateDict(optimizer());
    } catch (error) {
      throw notResumable(this.resumeFile, (error as Error).message);
    }
    return progress;
  }

  /**
   * Gives the model the weights of the best epoch.
   *
   * @returns whether there are any; if not, it stays as it is
   * @throws LossnetError when they are damaged
   */
  loadBest(): boolean {
    if (this.#best !== null) {
      loadStateDict(this.state, new Map(this.#best), this.#bestFile);
      return true;
    }
    if (!exists(this.#bestFile)) return false;
    loadWeights(this.state, this.#bestFile);
    return true;
  }

  /**
   * Gives `last.safetensors` the weights of the best epoch; what a run goes on from stays what it is.
   *
   * @throws LossnetError when they are damaged, or cannot be written
   */
  restoreBest(): void {
    if (this.loadBest() && this.isWritten)
      this.#write(join(this.folder, 'last.safetensors'), readWeightsFile(this.#bestFile));
  }

  get #bestFile(): string {
    return join(this.folder, BEST);
  }

  #refuseOther(saved: Record<string, string>): void {
    const differing = Object.keys(this.identity).filter((key) => saved[key] !== this.identity[key]);
    if (differing.length === 0) return;
    const lines = differing.map(
      (key) => `${key}: ${saved[key] ?? 'not recorded'} when saved, ${this.identity[key]} now`,
    );
    throw new LossnetError(
      'LOSSNET_RESUME_MISMATCH',
      `${this.resumeFile} cannot be continued, since it was trained on something else:\n  ${lines.join('\n  ')}`,
      'Bring the same data back, or start a new run with --name.',
    );
  }
}

/** Whether the weights are those of the best epoch so far. */
const isBest = ({ batch, last }: Progress): boolean => batch === 0 && last?.best === true;

/**
 * @param path a file of weights, or the folder of a run, whose best epoch is meant then
 * @returns the file
 * @throws LossnetError when it is a folder without one
 */
export function weightsFileOf(path: string): string {
  if (kindOf(path) !== 'folder') return path;
  const best = join(path, 'checkpoints', BEST);
  if (exists(best)) return best;
  const last = join(path, 'checkpoints', 'last.safetensors');
  throw new LossnetError(
    'LOSSNET_WEIGHTS_UNREADABLE',
    `${path} is a folder without checkpoints/${BEST}, the weights of a run's best epoch.`,
    exists(last)
      ? `Its last epoch has some: ${last}`
      : 'Name the folder of a run that was saved, or a .safetensors file.',
  );
}
