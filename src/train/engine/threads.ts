import { availableCores } from '../../base/cores.js';
import { type ThreadVariable, threadsIn } from '../backend/environment.js';
import type { Sequential } from '../model/sequential.js';
import { workPerSample } from '../model/work.js';

/** How many threads TensorFlow uses: within one op, and for ops side by side. */
export interface Threads {
  readonly intra: number;
  readonly inter: number;
}

/** What a training step is like. */
export interface StepWork {
  /** Floating point operations. */
  readonly flops: number;
  /** Whether the graph can compute its batch in parts side by side, one on each core. */
  readonly hasParts: boolean;
}

/**
 * Floating point operations of a whole step below which threads within an op cost more than they bring. The tutorial's
 * CNN on two cores: at batch 8, 0.6e9, ops side by side are faster by a tenth; at batch 16, 1.2e9, threads within the ops
 * win.
 */
const LIGHT_STEP = 1e9;

/**
 * Below this, a second thread costs more than it brings altogether: at batch 1, 0.07e9, a step takes 0.84 of the time with
 * one thread on cores that are shared with others, where waking a thread is dear.
 */
const TINY_STEP = 1e8;

/** Parts of fewer samples only pay where cores would have nothing else to do. */
const FEWEST_SAMPLES = 4;

/**
 * Tells TensorFlow its number of threads, which it reads when it is loaded: call it before. Variables that are set in
 * the environment already stay when threads is `auto`.
 *
 * @param threads the numbers, or `auto`: one thread in all for tiny steps; one thread for each op, ops side by side, where
 * the batch has parts or the step is light; else all cores share each op, one at a time: two that share them at once wait for each
 * other's threads, and a step of ResNet-18 at batch 128 then takes up to 1.8 times as long
 * @param work what a training step is like
 */
export function setThreads(threads: Threads | 'auto', { flops, hasParts }: StepWork): void {
  const { env } = process;
  if (threads !== 'auto') {
    const told = { TF_NUM_INTRAOP_THREADS: `${threads.intra}`, TF_NUM_INTEROP_THREADS: `${threads.inter}` };
    // What is so already is not touched, since TensorFlow may be reading it by now.
    for (const [name, value] of Object.entries(told)) if (env[name] !== value) env[name] = value;
    return;
  }
  const cores = availableCores();
  const isShared = !hasParts && flops >= LIGHT_STEP;
  env.TF_NUM_INTRAOP_THREADS ||= `${isShared ? cores : 1}`;
  env.TF_NUM_INTEROP_THREADS ||= `${isShared || flops < TINY_STEP ? 1 : cores}`;
}

/**
 * @param model what is trained
 * @param batchSize samples per step
 * @param engine what runs the steps
 * @returns what a step is like
 */
export function stepWork(model: Sequential, batchSize: number, engine: 'graph' | 'eager'): StepWork {
  return {
    flops: workPerSample(model.layers) * batchSize,
    hasParts: engine === 'graph' && !model.mixesSamples && batchSize >= availableCores(),
  };
}

/** The threads that TensorFlow was told. */
export function currentThreads(): Threads {
  const told = (name: ThreadVariable) => threadsIn(process.env, name) ?? availableCores();
  return { intra: told('TF_NUM_INTRAOP_THREADS'), inter: told('TF_NUM_INTEROP_THREADS') };
}

/**
 * In how many parts a graph computes a batch side by side. One for each core, when an op has one thread: also where fewer
 * ops run at a time, so that a run gives the same bytes alone and beside others, each with a thread. On one thread, two
 * parts take as long as the whole batch of 64, and 1.05 times as long as one of 8.
 *
 * @param threads that TensorFlow has
 * @param step floating point operations of a training step, and its samples
 * @returns 1: the batch stays whole
 */
export function lanesFor(
  { intra, inter }: Threads,
  { flops, samples }: { readonly flops: number; readonly samples: number },
): number {
  if (intra !== 1) return 1;
  const cores = availableCores();
  return hasLaneForEach(cores, { flops, samples }) ? cores : inter;
}

/**
 * Whether a batch that has parts is computed in one for each core, however many of these the process may use.
 *
 * @param cores of the machine
 * @param step floating point operations of a training step, and its samples
 */
export function hasLaneForEach(
  cores: number,
  { flops, samples }: { readonly flops: number; readonly samples: number },
): boolean {
  return flops >= TINY_STEP && samples >= FEWEST_SAMPLES * cores;
}
