/**
 * Does something with each of many things, several at a time, begun in their order. The first failure ends it, once what was
 * begun has ended.
 *
 * @param things what there is to do
 * @param lanes how many at a time
 * @param work does one of them
 * @param signal no more of them are begun once it is set
 * @throws what `work` throws, and the signal's reason
 */
export async function inParallel<T>(
  things: readonly T[],
  lanes: number,
  work: (thing: T, at: number) => Promise<void>,
  signal?: AbortSignal | undefined,
): Promise<void> {
  let next = 0;
  let failure: { readonly error: unknown } | null = null;
  const lane = async (): Promise<void> => {
    while (failure === null && next < things.length && signal?.aborted !== true) {
      const at = next++;
      try {
        await work(things[at]!, at);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(lanes, things.length) }, lane));
  if (failure !== null) throw (failure as { readonly error: unknown }).error;
  signal?.throwIfAborted();
}
