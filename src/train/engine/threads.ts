import { availableParallelism } from 'node:os';

/** How many threads TensorFlow uses: within one op, and for ops side by side. */
export interface Threads {
  readonly intra: number;
  readonly inter: number;
}

/**
 * Floating point operations of a step below which threads within an op cost more than they bring. The tutorial's CNN on
 * two cores (bench/RESULTS.md): at batch 8, 0.6e9, ops side by side are faster by a tenth, at batch 1 by half; at
 * batch 16, 1.2e9, threads within the ops win.
 */
const LIGHT_STEP = 1e9;

/**
 * Tells TensorFlow its number of threads, which it reads when it is loaded: call it before. Variables that are set in
 * the environment already stay when threads is `auto`.
 *
 * @param threads the numbers, or `auto`: chosen from the work per step
 * @param work floating point operations per step
 */
export function setThreads(threads: Threads | 'auto', work: number): void {
  const { env } = process;
  if (threads !== 'auto') {
    env.TF_NUM_INTRAOP_THREADS = `${threads.intra}`;
    env.TF_NUM_INTEROP_THREADS = `${threads.inter}`;
    return;
  }
  const cores = availableParallelism();
  env.TF_NUM_INTRAOP_THREADS ??= `${work < LIGHT_STEP ? 1 : cores}`;
  env.TF_NUM_INTEROP_THREADS ??= `${cores}`;
}
