/** What yields promises that whoever drives it waits for. */
export type Waiting<Yielded, Result> = Generator<Yielded | Promise<unknown>, Result>;

/** Waits for each promise that is yielded, and passes the rest on. What a promise fails with, the generator is told. */
export async function* awaited<T>(steps: Waiting<T, void>): AsyncGenerator<T, void> {
  let next = steps.next();
  while (!next.done) {
    const { value } = next;
    if (!(value instanceof Promise)) {
      yield value;
      next = steps.next();
      continue;
    }
    try {
      await value;
    } catch (error) {
      next = steps.throw(error);
      continue;
    }
    next = steps.next();
  }
}
