import { createHash } from 'node:crypto';
import { LossnetError } from '../base/errors.js';
import { count, object, record, text, WrongValue } from '../base/guards.js';
import { printableName } from '../base/printable.js';
import { readWeightsFile, updateWithTensors } from './model/weights.js';
import type { OptimizerState } from './optim/home.js';
import { type Progress, progressGuard, progressRecord } from './progress.js';
import {
  decodeSafetensors,
  encodeSafetensors,
  type SafetensorsFile,
  type StoredTensor,
} from './safetensors.js';
import type { Task } from './task/index.js';

/** The key of the metadata that holds the checksum of all else. */
const CHECKSUM = 'sha256';
const OPTIMIZER_PREFIX = 'optimizer.';

/** What a run continues from. */
interface Resumable {
  readonly progress: Progress;
  /** Parameters and buffers. */
  readonly state: ReadonlyMap<string, StoredTensor>;
  /** What a resumed run must agree on. */
  readonly identity: Readonly<Record<string, string>>;
}

/** What `resume.safetensors` has in its metadata. */
interface Metadata {
  progress: Progress;
  /** Updates of each parameter that the optimizer has made. */
  steps: Record<string, number>;
  identity: Record<string, string>;
}

/**
 * @param resumable progress, weights, and what a resumed run must agree on; optimizer: its state, by parameter
 * @returns the content of `resume.safetensors`, with a checksum of its own
 */
export function encodeResume({
  progress,
  state,
  optimizer,
  identity,
}: Resumable & { readonly optimizer: OptimizerState }): Buffer {
  const tensors = new Map<string, StoredTensor>(state);
  const steps: Record<string, number> = {};
  for (const [name, { step, tensors: slots }] of optimizer) {
    steps[name] = step;
    const { shape } = state.get(name)!;
    for (const [slot, values] of slots) tensors.set(`${OPTIMIZER_PREFIX}${name}.${slot}`, { shape, values });
  }
  const resume = { progress: progressRecord(progress), steps, identity };
  const metadata = { format: 'pt', lossnet: JSON.stringify(resume) };
  return encodeSafetensors(withChecksum({ tensors, metadata }));
}

/**
 * @param path of a `resume.safetensors`
 * @param task whose sums and metrics the run has
 * @returns what it holds; optimizer: makes its state, which throws an Error where it is not whole
 * @throws LossnetError when it is damaged, or holds weights alone
 */
export function decodeResume(path: string, task: Task): Resumable & { optimizer(): OptimizerState } {
  const file = decodeSafetensors(readWeightsFile(path), path);
  if (!isIntact(file))
    throw notResumable(path, 'its checksum does not fit, so it was damaged after it was saved');
  const { progress, steps, identity } = parseMetadata(file.metadata.lossnet, path, task);
  const state = new Map([...file.tensors].filter(([name]) => !name.startsWith(OPTIMIZER_PREFIX)));
  return { progress, identity, state, optimizer: () => optimizerState(file.tensors, steps) };
}

function parseMetadata(json: string | undefined, path: string, task: Task): Metadata {
  if (json === undefined) throw notResumable(path, 'it holds weights alone');
  const guard = object<Metadata>({
    progress: progressGuard(task),
    steps: record(count),
    identity: record(text),
  });
  try {
    return guard(JSON.parse(json), '');
  } catch (error) {
    if (error instanceof WrongValue) throw notResumable(path, error.message);
    if (error instanceof SyntaxError) throw notResumable(path, 'its state is no JSON');
    throw error;
  }
}

function optimizerState(
  tensors: ReadonlyMap<string, StoredTensor>,
  steps: Record<string, number>,
): OptimizerState {
  const prefixes = Object.keys(steps).map((name) => `${OPTIMIZER_PREFIX}${name}.`);
  for (const name of tensors.keys()) {
    if (name.startsWith(OPTIMIZER_PREFIX) && !prefixes.some((prefix) => name.startsWith(prefix)))
      throw new Error(`it does not say how often ${printableName(name)} was updated`);
  }
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

function withChecksum({ tensors, metadata }: SafetensorsFile): SafetensorsFile {
  return { tensors, metadata: { ...metadata, [CHECKSUM]: checksumOf({ tensors, metadata }) } };
}

/** Whether a file is what it was when it was saved. One without a checksum, of an older version, is taken to be. */
function isIntact({ tensors, metadata: { [CHECKSUM]: saved, ...metadata } }: SafetensorsFile): boolean {
  return saved === undefined || saved === checksumOf({ tensors, metadata });
}

function checksumOf({ tensors, metadata }: SafetensorsFile): string {
  const hash = createHash('sha256').update(JSON.stringify(sorted(Object.entries(metadata))));
  updateWithTensors(hash, sorted([...tensors]));
  return hash.digest('hex');
}

const sorted = <T>(entries: readonly [string, T][]) => [...entries].sort(([a], [b]) => (a < b ? -1 : 1));

/** Of a file that no run can go on from. */
export function notResumable(file: string, reason: string): LossnetError {
  return new LossnetError(
    'LOSSNET_RESUME_INVALID',
    `${file} cannot be resumed from: ${reason}.`,
    'Start a new run; to begin with weights that are left: init.from=<run>/checkpoints/last.safetensors',
  );
}
