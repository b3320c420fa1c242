import { printableName } from './printable.js';

/** Reads a value of parsed JSON at a path, '' for the whole: returns it with its type. @throws WrongValue naming the path */
export type Guard<T> = (value: unknown, path: string) => T;

/** Data from a disk are not what they should be. The message says what is wrong where, without a full stop. */
export class WrongValue extends Error {}

/** A finite number: JSON has no others, and writes null in their place. */
export const number: Guard<number> = (value, path) =>
  typeof value === 'number' && Number.isFinite(value) ? value : refuse(value, path, 'a number');

/** A whole number from 0 on that is exact. */
export const count: Guard<number> = (value, path) =>
  Number.isSafeInteger(value) && Number(value) >= 0
    ? Number(value)
    : refuse(value, path, 'a whole number from 0 on');

/** A whole number from 1 on that is exact. */
export const positive: Guard<number> = (value, path) =>
  value === 0 ? refuse(value, path, 'a whole number from 1 on') : count(value, path);

export const text: Guard<string> = (value, path) =>
  typeof value === 'string' ? value : refuse(value, path, 'text');

export const flag: Guard<boolean> = (value, path) =>
  typeof value === 'boolean' ? value : refuse(value, path, 'true or false');

/** A number that may have left the finite ones, which JSON has as null: NaN then. */
export const numberOrNaN: Guard<number> = (value, path) =>
  value === null ? Number.NaN : number(value, path);

export function nullable<T>(guard: Guard<T>): Guard<T | null> {
  return (value, path) => (value === null ? null : guard(value, path));
}

/** @param missing makes what stands for a key that files of older versions do not have */
export function orElse<T>(guard: Guard<T>, missing: () => T): Guard<T> {
  return (value, path) => (value === undefined ? missing() : guard(value, path));
}

export function list<T>(guard: Guard<T>): Guard<T[]> {
  return (value, path) =>
    Array.isArray(value)
      ? value.map((entry, i) => guard(entry, `${path}.${i}`))
      : refuse(value, path, 'a list');
}

/** An object whose keys are names of something, and whose values are all alike. */
export function record<T>(guard: Guard<T>): Guard<Record<string, T>> {
  return (value, path) =>
    Object.fromEntries(
      Object.entries(objectOf(value, path)).map(([key, entry]) => [key, guard(entry, within(path, key))]),
    );
}

/** An object with these keys, and in their order. Keys that are not known, such as those of newer versions, are left out. */
export function object<T>(guards: { readonly [K in keyof T]-?: Guard<T[K]> }): Guard<T> {
  const entries = Object.entries(guards) as [string, Guard<unknown>][];
  return (value, path) => {
    const own = objectOf(value, path);
    return Object.fromEntries(entries.map(([key, guard]) => [key, guard(own[key], within(path, key))])) as T;
  };
}

function objectOf(value: unknown, path: string): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : refuse(value, path, 'an object');
}

const within = (path: string, key: string) => (path === '' ? '' : `${path}.`) + printableName(key);

function refuse(value: unknown, path: string, expected: string): never {
  const what = path === '' ? 'the whole' : path;
  if (value === undefined) throw new WrongValue(`${what} is missing`);
  throw new WrongValue(`${what} is ${printableName(JSON.stringify(value))}; expected ${expected}`);
}
