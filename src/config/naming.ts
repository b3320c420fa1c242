/** `batch_size` to `batchSize`, for one key. */
type CamelKey<K extends string> = K extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<CamelKey<Tail>>}`
  : K;

/** `T` with every snake_case key in camelCase, at every depth; values stay as they are. */
export type CamelCase<T> = T extends readonly unknown[]
  ? { [I in keyof T]: CamelCase<T[I]> }
  : T extends object
    ? { [K in keyof T as K extends string ? CamelKey<K> : K]: CamelCase<T[K]> }
    : T;

/**
 * Maps YAML's snake_case keys to TypeScript's camelCase, at every depth. With `toSnakeCase` this is the one place
 * that maps names.
 *
 * @param value plain data: the output of the configuration schema
 * @returns a copy with renamed keys
 */
export function toCamelCase<T>(value: T): CamelCase<T> {
  const camel = (key: string) => key.replace(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  return rename(value, camel) as CamelCase<T>;
}

/**
 * Maps TypeScript's camelCase keys to the snake_case of YAML and JSON records, at every depth.
 *
 * @param value plain data, such as an event
 * @returns a copy with renamed keys
 */
export function toSnakeCase(value: object): Record<string, unknown> {
  const snake = (key: string) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return rename(value, snake) as Record<string, unknown>;
}

/** Blocks whose keys are names of a user's own. */
const OWN_NAMES = new Set(['columns']);

function rename(value: unknown, key: (name: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => rename(item, key));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      key(name),
      OWN_NAMES.has(name) ? inner : rename(inner, key),
    ]),
  );
}
