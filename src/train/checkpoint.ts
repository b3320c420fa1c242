import { join } from 'node:path';
import { makeOneFolder, sweepTemporaryFiles, writeFileAtomically } from '../base/files.js';
import { exists } from '../base/read.js';
import { LossnetError } from './errors.js';
import type { EpochFigures } from './events.js';
import { emptyCurve, isCurve, type LossCurve } from './loss-curve.js';
import type { Tally } from './metrics.js';
import type { Parameter } from './model/parameter.js';
import { loadStateDict, readWeightsFile, stateDict } from './model/weights.js';
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
  /** The figures of the last whole epoch. */
  last: EpochFigures | null;
  /** The best epoch so far by the monitored figure. */
  best: { epoch: number; value: number } | null;
  /** The figure that the schedule monitors, after each evaluation or epoch so far; empty when it monitors none. */
  history: number[];
  /** How the loss went so far. */
  curve: LossCurve;
}

const OPTIMIZER_PREFIX = 'optimizer.';

/**
 * The checkpoints of one run, each file written whole or not at all:
 *
 * - `resume.safetensors`: weights (parameters and buffers), optimizer state and progress; what a run continues from;
 * - `last.safetensors`, `best.safetensors`: weights alone, for `load_state_dict(load_file(...))` in PyTorch,
 *   which refuses files with anything else in them.
 */
export class CheckpointStore {
  readonly #saved = new Set<string>();

  /**
   * @param folder where the files are kept; made at the first save, in a folder that is there
   * @param state the model's parameters and buffers
   * @param optimizer whose state is saved with them
   * @param identity what a resumed run must agree on, for example the hashes of its data
   */
  constructor(
    readonly folder: string,
    private readonly state: readonly Parameter[],
    private readonly optimizer: Optimizer,
    private readonly identity: Readonly<Record<string, string>>,
  ) {}

  /** The files that were saved so far. */
  get saved(): readonly string[] {
    return [...this.#saved];
  }

  get resumeFile(): string {
    return join(this.folder, 'resume.safetensors');
  }

  /** Saves all that is needed to continue. Returns the file's path. */
  save(progress: Progress): string {
    makeOneFolder(this.folder);
    const state = stateDict(this.state);
    const optimizer = this.optimizer.stateDict();
    const tensors = new Map<string, StoredTensor>(state);
    const steps: Record<string, number> = {};
    for (const [name, { step, tensors: slots }] of optimizer) {
      steps[name] = step;
      const { shape } = state.get(name)!;
      for (const [slot, values] of slots)
        tensors.set(`${OPTIMIZER_PREFIX}${name}.${slot}`, { shape, values });
    }
    this.#saveWeights('last', progress, state);
    // Last, as it is what counts: killed before this, a resumed run writes the same weights again.
    const resume = { progress, steps, identity: this.identity };
    this.#write(
      this.resumeFile,
      encodeSafetensors({ tensors, metadata: { format: 'pt', lossnet: JSON.stringify(resume) } }),
    );
    return this.resumeFile;
  }

  /** Saves the weights as the best so far. */
  saveBest(progress: Progress): void {
    makeOneFolder(this.folder);
    this.#saveWeights('best', progress, stateDict(this.state));
  }

  #saveWeights(name: 'last' | 'best', { epoch, step }: Progress, tensors: Map<string, StoredTensor>): void {
    const metadata = { format: 'pt', lossnet: JSON.stringify({ epoch, step }) };
    this.#write(join(this.folder, `${name}.safetensors`), encodeSafetensors({ tensors, metadata }));
  }

  #write(file: string, content: Buffer): void {
    writeFileAtomically(file, content);
    this.#saved.add(file);
  }

  /**
   * Puts weights and optimizer back to where the run was saved, and removes what a killed process left behind.
   *
   * @returns where the run stands; null when it was never saved
   * @throws LossnetError when the file is corrupt, or was saved on other data
   */
  load(): Progress | null {
    if (exists(this.folder)) sweepTemporaryFiles(this.folder);
    if (!exists(this.resumeFile)) return null;
    const file = decodeSafetensors(readWeightsFile(this.resumeFile), this.resumeFile);
    const { progress, steps, identity } = parseResume(file.metadata.lossnet, this.resumeFile);
    this.#refuseOther(identity);
    const own = [...file.tensors].filter(([name]) => !name.startsWith(OPTIMIZER_PREFIX));
    loadStateDict(this.state, new Map(own), this.resumeFile);
    try {
      this.optimizer.loadStateDict(optimizerState(file.tensors, steps));
    } catch (error) {
      throw invalid(this.resumeFile, (error as Error).message);
    }
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
        {
          step,
          tensors: new Map(
            slots.map(([key, { values }]) => [key.slice(prefix.length), Float32Array.from(values)]),
          ),
        },
      ];
    }),
  );
}

interface Resume {
  progress: Progress;
  steps: Record<string, number>;
  identity: Record<string, string>;
}

/** Reads the state out of a file's metadata, trusting nothing: a wrong number here would train on quietly. */
function parseResume(text: string | undefined, file: string): Resume {
  if (text === undefined) throw invalid(file, 'it holds weights alone');
  let resume: Resume;
  try {
    resume = JSON.parse(text) as Resume;
  } catch {
    throw invalid(file, 'its state is no JSON');
  }
  const { progress, steps, identity } = resume;
  const tally = progress?.tally;
  const counters = [
    progress?.epoch,
    progress?.batch,
    progress?.step,
    ...Object.values(steps ?? { missing: -1 }),
  ];
  const figures = [progress?.lr, tally?.runningLoss, tally?.weightedLoss, tally?.correct, tally?.images];
  if (!counters.every((value) => Number.isInteger(value) && value >= 0) || !figures.every(Number.isFinite)) {
    throw invalid(file, 'its counters are damaged');
  }
  if (!Array.isArray(progress.history) || !progress.history.every(Number.isFinite)) {
    throw invalid(file, 'the history of what its schedule monitors is damaged');
  }
  // Runs of lossnet 0.1.0 that were saved before there was a diagnosis have none.
  progress.curve ??= emptyCurve();
  if (!isCurve(progress.curve)) throw invalid(file, 'the curve of its losses is damaged');
  if (typeof identity !== 'object' || identity === null)
    throw invalid(file, 'it does not say what it was trained on');
  return resume;
}

function invalid(file: string, reason: string): LossnetError {
  return new LossnetError(
    'LOSSNET_RESUME_INVALID',
    `${file} cannot be resumed from: ${reason}.`,
    'Start a new run; to begin with weights that are left: init.from=<run>/checkpoints/last.safetensors',
  );
}
