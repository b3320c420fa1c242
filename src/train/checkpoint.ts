import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LossnetError } from './errors.js';
import { sweepTemporaryFiles, writeFileAtomically } from './files.js';
import type { Tally } from './metrics.js';
import type { Parameter } from './model/parameter.js';
import { loadStateDict, stateDict } from './model/weights.js';
import type { Optimizer } from './optim/optimizer.js';
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from './safetensors.js';

/**
 * Where a run stands. Together with the parameters, the optimizer's state, the configuration and the data it
 * determines everything that follows: random streams are functions of the seed and the position.
 */
export interface Progress {
  /** The epoch under way, counted from 0; equal to the number of epochs when all are done. */
  epoch: number;
  /** The next batch in it. */
  batch: number;
  /** Optimizer steps made. */
  step: number;
  /** Learning rate of the last step made. */
  lr: number;
  /** Sums over the batches of this epoch so far. */
  tally: Tally;
  /** The best epoch so far by the monitored figure. */
  best: { epoch: number; value: number } | null;
}

const OPTIMIZER_PREFIX = 'optimizer.';

/**
 * The checkpoints of one run, each file written whole or not at all:
 *
 * - `resume.safetensors`: parameters, optimizer state and progress; what a run continues from;
 * - `last.safetensors`, `best.safetensors`: parameters alone, for `load_state_dict(load_file(...))` in PyTorch,
 *   which refuses files with anything else in them.
 */
export class CheckpointStore {
  /**
   * @param folder where the files are kept; made at the first save
   * @param parameters the model's
   * @param optimizer whose state is saved with them
   * @param identity what a resumed run must agree on, for example the hashes of its data
   */
  constructor(
    readonly folder: string,
    private readonly parameters: readonly Parameter[],
    private readonly optimizer: Optimizer,
    private readonly identity: Readonly<Record<string, string>>,
  ) {}

  get resumeFile(): string {
    return join(this.folder, 'resume.safetensors');
  }

  /** Saves all that is needed to continue. Returns the file's path. */
  save(progress: Progress): string {
    mkdirSync(this.folder, { recursive: true });
    const parameters = stateDict(this.parameters);
    const optimizer = this.optimizer.stateDict();
    const tensors = new Map<string, StoredTensor>(parameters);
    const steps: Record<string, number> = {};
    for (const [name, state] of optimizer) {
      steps[name] = state.step;
      const { shape } = parameters.get(name)!;
      for (const [slot, values] of state.tensors)
        tensors.set(`${OPTIMIZER_PREFIX}${name}.${slot}`, { shape, values });
    }
    const resume = { progress, steps, identity: this.identity };
    writeFileAtomically(
      this.resumeFile,
      encodeSafetensors({ tensors, metadata: { format: 'pt', lossnet: JSON.stringify(resume) } }),
    );
    this.#saveWeights('last', progress, parameters);
    return this.resumeFile;
  }

  /** Saves the parameters as the best so far. */
  saveBest(progress: Progress): void {
    mkdirSync(this.folder, { recursive: true });
    this.#saveWeights('best', progress, stateDict(this.parameters));
  }

  #saveWeights(name: 'last' | 'best', { epoch, step }: Progress, tensors: Map<string, StoredTensor>): void {
    const metadata = { format: 'pt', lossnet: JSON.stringify({ epoch, step }) };
    writeFileAtomically(join(this.folder, `${name}.safetensors`), encodeSafetensors({ tensors, metadata }));
  }

  /**
   * Puts parameters and optimizer back to where the run was saved, and removes what a killed process left behind.
   *
   * @returns where the run stands; null when it was never saved
   * @throws LossnetError when the file is corrupt, or was saved on other data
   */
  load(): Progress | null {
    if (!existsSync(this.resumeFile)) return null;
    sweepTemporaryFiles(this.folder);
    const file = decodeSafetensors(readFileSync(this.resumeFile), this.resumeFile);
    if (!file.metadata.lossnet) throw notACheckpoint(this.resumeFile);
    const { progress, steps, identity } = JSON.parse(file.metadata.lossnet) as {
      progress: Progress;
      steps: Record<string, number>;
      identity: Record<string, string>;
    };
    this.#refuseOther(identity);
    const own = [...file.tensors].filter(([name]) => !name.startsWith(OPTIMIZER_PREFIX));
    loadStateDict(this.parameters, new Map(own), this.resumeFile);
    this.optimizer.loadStateDict(optimizerState(file.tensors, steps));
    return progress;
  }

  #refuseOther(saved: Record<string, string>): void {
    const differing = Object.keys(this.identity).filter((key) => saved[key] !== this.identity[key]);
    if (differing.length === 0) return;
    const lines = differing.map((key) => `${key}: ${saved[key]} when saved, ${this.identity[key]} now`);
    throw new LossnetError(
      'LOSSNET_RESUME_MISMATCH',
      `${this.resumeFile} cannot be continued, since it was trained on something else:\n  ${lines.join('\n  ')}`,
      'Bring the same data back, or start a new run with --name.',
    );
  }
}

function optimizerState(tensors: ReadonlyMap<string, StoredTensor>, steps: Record<string, number>) {
  return new Map(
    Object.entries(steps).map(([name, step]) => {
      const prefix = `${OPTIMIZER_PREFIX}${name}.`;
      const slots = [...tensors].filter(([key]) => key.startsWith(prefix));
      return [
        name,
        { step, tensors: new Map(slots.map(([key, { values }]) => [key.slice(prefix.length), values])) },
      ];
    }),
  );
}

function notACheckpoint(file: string): LossnetError {
  return new LossnetError(
    'LOSSNET_RESUME_INVALID',
    `${file} holds weights but no state to resume from.`,
    'Start a new run from them with init: { from: <file> } in its configuration.',
  );
}
