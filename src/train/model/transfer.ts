import { LossnetError } from '../../base/errors.js';
import { printableName } from '../../base/printable.js';
import { decodeSafetensors, type StoredTensor } from '../safetensors.js';
import type { Parameter } from './parameter.js';
import { loadStateDict, notFinite, readWeightsFile, stateDifferences } from './weights.js';

/** What a model takes of weights that are not all its own, and what it does not. */
export interface Transfer {
  readonly file: string;
  /** The names of what is taken, and how many the model has in all. */
  readonly taken: readonly string[];
  readonly of: number;
  /** What the model has and the file lacks: it keeps its first values, as does what has another shape. */
  readonly missing: readonly string[];
  readonly otherShape: readonly {
    readonly name: string;
    readonly saved: readonly number[];
    readonly model: readonly number[];
  }[];
  /** What the file has and the model lacks. */
  readonly unexpected: readonly string[];
}

/**
 * Finds out what of a file's weights a model can take, as PyTorch's `load_state_dict(…, strict=False)`; but that tensors of
 * another shape are left out too, where PyTorch raises an error. Needs no TensorFlow.
 *
 * @param parameters a model's `state`; it needs no values yet
 * @param file path of a safetensors file
 * @returns what is taken and what is not
 * @throws LossnetError when the file cannot be read, has nothing that the model could take, or has values in it that are not
 * finite
 */
export function planTransfer(parameters: readonly Parameter[], file: string): Transfer {
  const tensors = read(file);
  const { missing, otherShape, unexpected } = stateDifferences(parameters, tensors);
  const left = new Set([...missing, ...otherShape.map(({ parameter }) => parameter)]);
  const taken = parameters.filter((parameter) => !left.has(parameter));
  const transfer: Transfer = {
    file,
    taken: taken.map(({ name }) => name),
    of: parameters.length,
    missing: missing.map(({ name }) => name),
    otherShape: otherShape.map(({ parameter, found }) => ({
      ...{ name: parameter.name, saved: found.shape, model: parameter.shape },
    })),
    unexpected: unexpected.map(printableName),
  };
  // Counters of batches fit any model.
  if (!taken.some(({ dtype }) => dtype === 'float32')) {
    throw new LossnetError(
      'LOSSNET_WEIGHTS_MISMATCH',
      [`Nothing in ${file} fits the model:`, ...leftOut(transfer)].join('\n  '),
      'Use weights of layers that stand in the same positions; names are positions, as in torch.nn.Sequential.',
    );
  }
  const problems = taken.flatMap(({ name }) => notFinite(name, tensors.get(name)!.values));
  if (problems.length > 0) {
    throw new LossnetError(
      'LOSSNET_WEIGHTS_MISMATCH',
      [`The weights in ${file} cannot be taken:`, ...problems].join('\n  '),
      'Use weights that were saved before the run diverged.',
    );
  }
  return transfer;
}

/**
 * Replaces the values of what is taken; the rest keeps those that it has.
 *
 * @param parameters a model's `state`, with values
 * @param transfer what `planTransfer` has found
 * @throws LossnetError when the file is another one by now and does not fit any more
 */
export function carryOut(parameters: readonly Parameter[], { file, taken }: Transfer): void {
  const names = new Set(taken);
  const own = [...read(file)].filter(([name]) => names.has(name));
  loadStateDict(
    parameters.filter(({ name }) => names.has(name)),
    new Map(own),
    file,
  );
}

/** @returns a line for each kind of what is not taken */
export function leftOut({ missing, otherShape, unexpected }: Transfer): string[] {
  const shape = (sizes: readonly number[]) => `[${sizes.join(', ')}]`;
  const shapes = otherShape.map(
    ({ name, saved, model }) => `${name} is ${shape(saved)}, the model needs ${shape(model)}`,
  );
  return [
    ...(missing.length > 0 ? [`missing: ${missing.join(', ')}`] : []),
    ...(shapes.length > 0 ? [`other shape: ${shapes.join('; ')}`] : []),
    ...(unexpected.length > 0 ? [`unexpected: ${unexpected.join(', ')}`] : []),
  ];
}

const read = (file: string): ReadonlyMap<string, StoredTensor> =>
  decodeSafetensors(readWeightsFile(file), file).tensors;
