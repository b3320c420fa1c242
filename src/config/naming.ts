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
 * Maps YAML's snake_case keys to TypeScript's camelCase, at every depth. This is the one place that does.
 *
 * @param value plain data: the output of the configuration schema
 * @returns a copy with renamed keys
 */
export function toCamelCase<T>(value: T): CamelCase<T> {
  return rename(value) as CamelCase<T>;
}

function rename(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(rename);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key.replace(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()),
      rename(inner),
    ]),
  );
}
