/** What is to happen around methods: each is given the call itself, and its arguments. */
type Around<T> = {
  readonly [K in keyof T]?: T[K] extends (...args: infer Args) => infer Result
    ? (call: () => Result, ...args: Args) => Result
    : never;
};

/**
 * The same object, with something done around some of its methods: so that the loop itself can be looked at while it runs, and
 * nothing of it has to be written twice.
 *
 * @param target the object
 * @param around by method: what is done in its place, mostly before and after the call
 * @returns a stand-in; what is set on it is set on the object
 */
export function watched<T extends object>(target: T, around: Around<T>): T {
  return new Proxy(target, {
    get(object, key) {
      const value: unknown = Reflect.get(object, key, object);
      if (typeof value !== 'function') return value;
      const hook = around[key as keyof T] as
        | ((call: () => unknown, ...args: unknown[]) => unknown)
        | undefined;
      const call = (...args: unknown[]) => Reflect.apply(value, object, args) as unknown;
      return hook === undefined ? call : (...args: unknown[]) => hook(() => call(...args), ...args);
    },
    set: (object, key, value) => Reflect.set(object, key, value, object),
  });
}
