import { basename } from 'node:path';
import { printableName } from '../../../../base/printable.js';
import { DataError, quoted, some } from '../../data-error.js';
import { type ArrayFile, arraysIn, flawed, openArrays } from './file.js';
import type { Values } from './npy.js';
import type { ArrayPlace, ArraysOptions } from './options.js';

/** An array, and where it is from. */
export interface NamedArray extends Values {
  /** For people: `data.npz: inputs`, or `x.npy`. */
  readonly label: string;
  /** Its own name: `inputs`, or `x` of `x.npy`. */
  readonly name: string;
  /** The option that it is about. */
  readonly key: string;
}

/** The inputs and the targets of a part. */
export interface Arrays {
  /** What it is called: the file, or that of the inputs. */
  readonly file: string;
  readonly inputs: NamedArray;
  readonly targets: NamedArray;
  /** Other arrays in the same file. */
  readonly others: readonly string[];
  /** Whether the names were found out. */
  readonly isFound: boolean;
}

type Role = 'inputs' | 'targets';

/** Names that are looked for, in this order, where none is given. The first are the ones to write. */
const USUAL: Readonly<Record<Role, readonly (readonly string[])[]>> = {
  inputs: [['inputs'], ['x', 'X', 'images', 'data'], ['x_train', 'X_train']],
  targets: [['targets'], ['y', 'Y', 'labels', 'target'], ['y_train', 'Y_train']],
};

/**
 * Reads the arrays to train on.
 *
 * @param place where they are
 * @returns inputs and targets; each of their first dimension is a sample
 * @throws DataError when a file or an array is not there, cannot be told, or cannot be used
 */
export function readArraysAt({ path, inputs, targets }: ArrayPlace): Arrays {
  return path === null
    ? fromTwoFiles({ inputs, targets }, '')
    : fromOneFile(openNamed(path, 'path'), path, { inputs, targets }, '');
}

/**
 * Reads arrays that are only to be looked at: those of `eval` or `test`.
 *
 * @param key which of these
 * @param given what the option says
 * @param train the place of those that are trained on, and the names that were found there
 * @returns inputs and targets
 * @throws DataError likewise
 */
export function readOtherArrays(
  key: 'eval' | 'test',
  given: NonNullable<ArraysOptions['eval']>,
  train: ArrayPlace,
  { inputs, targets }: Arrays,
): Arrays {
  const own = typeof given === 'string' ? { path: given } : given;
  const names = { inputs: own.inputs ?? null, targets: own.targets ?? null };
  const prefix = `${key}.`;
  if (own.path == null && names.inputs === null && names.targets === null) {
    const message = `${key} names neither a file nor arrays`;
    throw new DataError(key, message, [`write ${key}: data.npz, or ${key}: { inputs: …, targets: … }`]);
  }
  const path = own.path ?? train.path;
  if (path === null) return fromTwoFiles(names, prefix);
  const pathKey = typeof given === 'string' ? key : own.path == null ? 'path' : `${prefix}path`;
  // In the same file the names must be others, in a file of its own they may be the same.
  const isSame = own.path == null;
  if (isSame && (names.inputs === null || names.targets === null)) {
    const lacks = names.inputs === null ? 'inputs' : 'targets';
    throw new DataError(`${prefix}${lacks}`, `${key} names no ${lacks}`, [
      `name both arrays of ${path}: ${key}: { inputs: x_test, targets: y_test }`,
    ]);
  }
  const shared =
    train.path === null ? names : defaults(names, { inputs: inputs.name, targets: targets.name });
  return fromOneFile(openNamed(path, pathKey), path, shared, prefix);
}

/**
 * Reads inputs alone, to say something of them.
 *
 * @param path the file
 * @param bytes what it holds, where it is none; null: it is read
 * @param trained what the inputs were called that were trained on; null: it was found out, or they had a file of their own
 * @returns the array: the only one, the one of this name, or the one that is usually called so
 * @throws DataError when the file or the array is not there, cannot be told, or cannot be used
 */
export function readInputs(path: string, bytes: Buffer | null, trained: string | null): NamedArray {
  const file = bytes === null ? openArrays(path, 'inputs') : arraysIn(bytes, path, 'inputs');
  const about = { name: basename(path).replace(/\.npy$/, ''), key: 'inputs' };
  try {
    if (file.kind === 'single') return { ...file.read(), label: path, ...about };
    const { names } = file;
    const only = names.length === 1 ? names[0]! : null;
    const wanted = trained !== null && names.includes(trained) ? trained : only;
    const name = nameOf('inputs', wanted, names, { path, key: 'inputs' });
    return { ...file.read(name), label: `${path}: ${printableName(name)}`, name, key: 'inputs' };
  } catch (error) {
    throw flawed(error, path, 'inputs');
  }
}

type Names = Pick<ArrayPlace, Role>;

const defaults = (names: Names, others: Names): Names => ({
  inputs: names.inputs ?? others.inputs,
  targets: names.targets ?? others.targets,
});

function openNamed(path: string, key: string): Extract<ArrayFile, { kind: 'named' }> {
  const file = openArrays(path, key);
  if (file.kind === 'named') return file;
  throw new DataError(key, `${path} is an .npy file, which holds one array`, [
    key.startsWith('path')
      ? 'leave path out, and name two such files: inputs: x.npy, targets: y.npy'
      : `name two such files: ${key.replace(/\..*/, '')}: { inputs: x.npy, targets: y.npy }`,
  ]);
}

function fromTwoFiles(names: Names, prefix: string): Arrays {
  const read = (role: Role): NamedArray => {
    const [path, key] = [names[role], `${prefix}${role}`];
    if (path === null) {
      throw new DataError(
        prefix === '' && (names.inputs ?? names.targets) === null ? 'path' : key,
        'no file is named',
        [
          'name an .npz or safetensors file: path: data.npz; or two .npy files: inputs: x.npy, targets: y.npy',
        ],
      );
    }
    const file = openArrays(path, key);
    if (file.kind === 'named') {
      throw new DataError(
        key,
        `${path} holds arrays of several names (${some(file.names.map(printableName))})`,
        [`write ${prefix === '' ? 'path' : `${prefix}path`}: ${path}, and the name of the array as ${key}`],
      );
    }
    try {
      return { ...file.read(), label: path, name: basename(path).replace(/\.npy$/, ''), key };
    } catch (error) {
      throw flawed(error, path, key);
    }
  };
  const inputs = read('inputs');
  return { file: inputs.label, inputs, targets: read('targets'), others: [], isFound: false };
}

function fromOneFile(
  { names, read }: Extract<ArrayFile, { kind: 'named' }>,
  path: string,
  wanted: Names,
  prefix: string,
): Arrays {
  const arrayOf = (role: Role): NamedArray => {
    const key = `${prefix}${role}`;
    const name = nameOf(role, wanted[role], names, { path, key });
    const label = `${path}: ${printableName(name)}`;
    try {
      return { ...read(name), label, name, key };
    } catch (error) {
      throw flawed(error, label, key);
    }
  };
  const [inputs, targets] = [arrayOf('inputs'), arrayOf('targets')];
  return {
    ...{ file: path, inputs, targets },
    others: names.filter((name) => name !== inputs.name && name !== targets.name),
    isFound: prefix === '' && (wanted.inputs ?? wanted.targets) === null,
  };
}

function nameOf(
  role: Role,
  wanted: string | null,
  names: readonly string[],
  { path, key }: { readonly path: string; readonly key: string },
): string {
  const choice = { received: wanted ?? role, known: names, what: 'its arrays' };
  if (wanted !== null) {
    if (names.includes(wanted)) return wanted;
    throw new DataError(key, `${path} has no array ${quoted(wanted)}`, [], choice);
  }
  for (const usual of USUAL[role]) {
    const [found, ...more] = usual.filter((name) => names.includes(name));
    if (found === undefined) continue;
    if (more.length === 0) return found;
    const message = `${path} has several arrays that may be the ${role}: ${some([found, ...more])}`;
    throw new DataError(key, message, [`say which: ${key}: ${found}`]);
  }
  throw new DataError(
    key,
    `${path} has no array ${role}, nor ${USUAL[role].flat().slice(1).join(', ')}`,
    [`say which are the ${role}: ${key}: ${names[0] ?? role}`],
    choice,
  );
}

/** Of a flaw of an array, with its name. */
export const refuse = ({ key, label }: NamedArray, message: string, ...remedies: string[]): DataError =>
  new DataError(key, `${label} ${message}`, remedies);
