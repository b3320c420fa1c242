import { createHash, type Hash } from 'node:crypto';
import { LossnetError } from '../../base/errors.js';
import { printableName } from '../../base/printable.js';
import { readBytes } from '../../base/read.js';
import { decodeSafetensors, type StoredTensor } from '../safetensors.js';
import type { Parameter } from './parameter.js';

/**
 * @param parameters a model's `state`: parameters and buffers
 * @returns their values by name, as PyTorch's `state_dict()` has them
 */
export function stateDict(parameters: readonly Parameter[]): Map<string, StoredTensor> {
  return new Map(
    parameters.map((parameter) => [parameter.name, { shape: parameter.shape, values: parameter.values() }]),
  );
}

/**
 * Identifies weights: models that share it hold the same values, to the last bit.
 *
 * @param parameters a model's `state`
 * @returns SHA-256 over names, shapes and values, in PyTorch's order
 */
export function stateSha256(parameters: readonly Parameter[]): string {
  const hash = createHash('sha256');
  updateWithTensors(hash, stateDict(parameters));
  return hash.digest('hex');
}

/** Adds names, shapes and values to a hash, in the order in which they come. */
export function updateWithTensors(hash: Hash, tensors: Iterable<readonly [string, StoredTensor]>): void {
  for (const [name, { shape, values }] of tensors) {
    hash.update(`${name} [${shape.join(', ')}]\n`);
    hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
}

/** How tensors differ from what a model needs. */
export interface StateDifferences {
  /** What the model has and they lack. */
  readonly missing: readonly Parameter[];
  readonly otherShape: readonly { readonly parameter: Parameter; readonly found: StoredTensor }[];
  /** Names of those that the model has no place for. */
  readonly unexpected: readonly string[];
}

/**
 * @param parameters a model's `state`; it needs no values yet
 * @param tensors by name
 * @returns how they differ
 */
export function stateDifferences(
  parameters: readonly Parameter[],
  tensors: ReadonlyMap<string, StoredTensor>,
): StateDifferences {
  const expected = new Set(parameters.map(({ name }) => name));
  return {
    missing: parameters.filter(({ name }) => !tensors.has(name)),
    otherShape: parameters.flatMap((parameter) => {
      const found = tensors.get(parameter.name);
      return found && found.shape.join() !== parameter.shape.join() ? [{ parameter, found }] : [];
    }),
    unexpected: [...tensors.keys()].filter((name) => !expected.has(name)),
  };
}

/**
 * Compares tensors with what a model needs, as PyTorch's `load_state_dict()` in its strict mode; and refuses values that
 * are not finite, with which every loss would be NaN.
 *
 * @param parameters a model's `state`; it needs no values yet
 * @param tensors the new values by name
 * @param source where they come from, for errors
 * @throws LossnetError listing every missing, unexpected, misshapen and not finite tensor
 */
export function checkStateDict(
  parameters: readonly Parameter[],
  tensors: ReadonlyMap<string, StoredTensor>,
  source: string,
): void {
  const { missing, otherShape, unexpected } = stateDifferences(parameters, tensors);
  const shapes = new Map(otherShape.map(({ parameter, found }) => [parameter, found.shape]));
  const problems = [
    ...parameters.flatMap((parameter) => {
      const { name, shape } = parameter;
      if (missing.includes(parameter)) return [`missing: ${name} [${shape.join(', ')}]`];
      const found = shapes.get(parameter);
      if (found === undefined) return notFinite(name, tensors.get(name)!.values);
      return [`wrong shape: ${name} is [${found.join(', ')}], the model needs [${shape.join(', ')}]`];
    }),
    ...unexpected.map(
      (name) => `unexpected: ${printableName(name)} [${tensors.get(name)!.shape.join(', ')}]`,
    ),
  ];
  if (problems.length > 0) {
    throw new LossnetError(
      'LOSSNET_WEIGHTS_MISMATCH',
      `The weights in ${source} do not fit the model:\n  ${problems.join('\n  ')}`,
      'Use weights saved from the same layers; names are positions, as in torch.nn.Sequential.',
    );
  }
}

/** What is wrong with values that a model is to have; nothing where all are numbers. */
export function notFinite(name: string, values: StoredTensor['values']): string[] {
  const found = values.filter((value: number) => !Number.isFinite(value)).length;
  return found === 0
    ? []
    : [`not finite: ${name} has ${found} of ${values.length} values that are NaN or infinite`];
}

/**
 * Replaces the values of all parameters and buffers.
 *
 * @param parameters a model's `state`
 * @param tensors the new values by name
 * @param source where they come from, for errors
 * @throws LossnetError when they do not fit; see `checkStateDict`
 */
export function loadStateDict(
  parameters: readonly Parameter[],
  tensors: ReadonlyMap<string, StoredTensor>,
  source: string,
): void {
  checkStateDict(parameters, tensors, source);
  for (const parameter of parameters) {
    const { values } = tensors.get(parameter.name)!;
    // As PyTorch's copy_, which converts.
    parameter.load(parameter.dtype === 'int32' ? Int32Array.from(values) : Float32Array.from(values));
  }
}

/** Finds out whether `loadWeights` will work, without TensorFlow. @throws LossnetError when it will not */
export function checkWeights(parameters: readonly Parameter[], file: string): void {
  checkStateDict(parameters, decodeSafetensors(readWeightsFile(file), file).tensors, file);
}

/**
 * Reads weights saved by lossnet or by PyTorch's `safetensors.torch.save_file`.
 *
 * @param parameters a model's `state`
 * @param file path of a safetensors file
 * @throws LossnetError when the file cannot be read or does not fit
 */
export function loadWeights(parameters: readonly Parameter[], file: string): void {
  loadStateDict(parameters, decodeSafetensors(readWeightsFile(file), file).tensors, file);
}

/** The bytes of a safetensors file. @throws LossnetError when it cannot be read */
export function readWeightsFile(file: string): Buffer {
  try {
    return readBytes(file);
  } catch (error) {
    if (!(error instanceof LossnetError)) throw error;
    const remedy = 'Name a .safetensors file; relative paths count from the working directory.';
    throw new LossnetError('LOSSNET_WEIGHTS_UNREADABLE', error.message, `${error.remedy}\n${remedy}`, {
      cause: error,
    });
  }
}
