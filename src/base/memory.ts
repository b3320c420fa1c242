import { totalmem } from 'node:os';

/** Nobody listens there any more: what is sent is gone, and so is the memory that goes along. */
const NOWHERE = new MessageChannel().port1;
NOWHERE.close();

/**
 * Frees the memory of an array at once, where Node would some time look for what can be freed. It is made to look the
 * sooner the more memory lies about, which takes 25 ms of a core: as often as every ten steps, where each makes one array
 * of a model's size.
 *
 * @param array that nothing uses any more, nor any other array on the same memory; it is empty afterwards
 * @source https://nodejs.org/api/worker_threads.html#portpostmessagevalue-transferlist
 */
export function freeNow(array: Float32Array): void {
  NOWHERE.postMessage(null, [array.buffer as ArrayBuffer]);
}

/**
 * The memory that this process may use: the machine's, or less where a control group limits it.
 *
 * @returns bytes
 */
export function usableMemory(): number {
  // Without a limit the system says 0, or more than there is.
  const limit = process.constrainedMemory() || Number.POSITIVE_INFINITY;
  return Math.min(limit, totalmem());
}
