import { UsageError } from '../../base/errors.js';
import { listing } from '../../config/problems/text.js';
import { nearest } from '../../config/validate/spelling.js';
import type { Subject } from '../../train/explain/record.js';
import type { Parameter } from '../../train/model/parameter.js';
import type { Sequential } from '../../train/model/sequential.js';

/** Names of more tensors are not read. */
const MOST = 12;

/** What was asked for: a number, a tensor whose number with the largest gradient is meant, or any weight. */
export interface Wanted {
  readonly chosen: 'number' | 'tensor' | 'none';
  /** Finds it, once there are gradients. */
  readonly choose: (trained: readonly Parameter[]) => Subject;
}

/**
 * Reads which number of a model is meant, in PyTorch's names and order.
 *
 * @param text such as `8.weight[3,17]` or `8.weight`; undefined: none was named
 * @param model whose
 * @returns how to find it
 * @throws UsageError when there is no such number, or it is not trained
 */
export function wantedParameter(text: string | undefined, model: Sequential): Wanted {
  if (text === undefined) {
    return {
      chosen: 'none',
      choose: (trained) => {
        const weights = trained.filter(({ shape }) => shape.length > 1);
        return largest(weights.length > 0 ? weights : trained);
      },
    };
  }
  if (text.trim() === '') {
    const shapes = model.trainable.map((each) => `${each.name} [${each.shape.join(', ')}]`);
    throw wrong(
      'has no name: --parameter is empty.',
      `Name one of ${listing(some(shapes))}, or leave it out.`,
    );
  }
  const [, name = '', inner] = /^\s*([^[\]]*?)\s*(?:\[([^\]]*)\])?\s*$/.exec(text) ?? [];
  const parameter = model.parameters.find((each) => each.name === name);
  if (parameter === undefined) throw unknown(text, name, model);
  if (!parameter.requiresGrad) {
    const trained = listing(some(model.trainable.map((each) => each.name)));
    throw wrong(
      `${text}: ${name} is frozen, so it has no gradient and no step changes it.`,
      `Name one that is trained: ${trained}.`,
    );
  }
  if (inner === undefined) return { chosen: 'tensor', choose: () => largest([parameter]) };
  const index = flatIndex(text, inner, parameter);
  return { chosen: 'number', choose: () => ({ parameter, index }) };
}

/** @returns the place of a number in its tensor: `[3, 17]` for the flat index */
export function placeOf({ parameter, index }: Subject): number[] {
  let rest = index;
  return parameter.shape
    .toReversed()
    .map((size) => {
      const at = rest % size;
      rest = Math.floor(rest / size);
      return at;
    })
    .reverse();
}

function largest(parameters: readonly Parameter[]): Subject {
  let best: Subject | undefined;
  let most = -1;
  for (const parameter of parameters) {
    const gradient = parameter.gradient();
    if (gradient === null) continue;
    for (const [index, value] of gradient.entries()) {
      if (Math.abs(value) <= most) continue;
      most = Math.abs(value);
      best = { parameter, index };
    }
  }
  if (best === undefined) throw new Error('there are no gradients to choose by');
  return best;
}

function flatIndex(text: string, inner: string, { name, shape }: Parameter): number {
  const parts = inner.split(',').map((part) => part.trim());
  const indices = parts.map(Number);
  const allowed = `${name} has the shape [${shape.join(', ')}]: ${ranges(shape)}.`;
  if (parts.some((part) => !/^\d+$/.test(part))) {
    throw wrong(`${text}: an index is a whole number from 0.`, allowed);
  }
  if (indices.length !== shape.length) {
    const count = indices.length === 1 ? 'one index' : `${indices.length} indices`;
    throw wrong(`${text} has ${count}, and ${name} ${shape.length}.`, allowed);
  }
  if (indices.some((index, axis) => index >= shape[axis]!)) throw wrong(`${text} is out of range.`, allowed);
  return indices.reduce((flat, index, axis) => flat * shape[axis]! + index, 0);
}

function ranges(shape: readonly number[]): string {
  const last = shape.map((size) => `0 to ${size - 1}`);
  return `${last.length === 1 ? 'its index goes from' : 'its indices go from'} ${listing(last)}`;
}

function unknown(text: string, name: string, model: Sequential): UsageError {
  const buffer = model.state.find((each) => each.name === name);
  const names = model.trainable.map((each) => each.name);
  const shapes = model.trainable.map((each) => `${each.name} [${each.shape.join(', ')}]`);
  const meant = nearest(name, names);
  const message =
    buffer === undefined
      ? `${text}: the model has no such parameter${meant === undefined ? '' : ` (did you mean ${meant}?)`}.`
      : `${text}: ${name} is a buffer, which is kept along and not trained.`;
  return wrong(message, `It trains ${listing(some(shapes))}.`);
}

function some(names: readonly string[]): readonly string[] {
  return names.length > MOST ? [...names.slice(0, MOST), `${names.length - MOST} more`] : names;
}

const wrong = (message: string, remedy: string) =>
  new UsageError('LOSSNET_USAGE', `parameter ${message}`, remedy);
