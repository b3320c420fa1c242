import { usableMemory } from '../../base/memory.js';
import { sessions } from '../backend/sessions.js';
import type { LossFunction } from '../loss/index.js';
import type { Sequential } from '../model/sequential.js';
import { keptPerSample } from '../model/work.js';
import type { ClipOptions } from '../optim/clip.js';
import type { Optimizer } from '../optim/optimizer.js';
import type { Task } from '../task/index.js';
import { EagerProgram } from './eager.js';
import type { BatchSizes } from './graph/compiled-graph.js';
import type { Kept } from './graph/kept-graphs.js';
import { BYTES_PER_NUMBER, type PixelTransforms } from './graph/pixels.js';
import { GraphProgram } from './graph/program.js';
import { TraceError } from './graph/tracer.js';
import type { Program } from './program.js';
import { currentThreads, lanesFor, stepWork, type Threads } from './threads.js';

/** `graph` compiles a step to a TensorFlow graph; `eager` runs it op by op. They give the same, up to rounding. */
export type Engine = 'graph' | 'eager';

export interface ProgramParts {
  readonly model: Sequential;
  /** What it is to say. */
  readonly task: Task;
  readonly lossFunction: LossFunction;
  readonly optimizer: Optimizer;
  readonly clip: ClipOptions;
  /** Sizes of the batches to come. */
  readonly sizes: BatchSizes;
  /** What the loader does to pixels, for a graph that does it itself; default: batches come as floats. */
  readonly pixels?: PixelTransforms;
  /** In how many parts a graph computes a batch side by side; default: as TensorFlow's threads allow. */
  readonly lanes?: number;
  /** Whether steps are read and written as vectors, see `Gradients`: a graph is made for it. Default: no. */
  readonly inVectors?: boolean;
  /** Whether an evaluation gives the model's outputs also where no metric is made of them. Default: no. */
  readonly keepsOutputs?: boolean;
  /** Where a graph of such parts may be kept already, and is kept afterwards; default: nowhere. */
  readonly kept?: Kept | undefined;
}

/** A program, and why it is not run by the engine that was asked for; null when it is. */
export interface CreatedProgram {
  readonly program: Program;
  readonly engine: Engine;
  readonly fallback: string | null;
}

/**
 * In how many lanes a graph computes the parts that several processes share out. However many there are on a machine, and
 * whatever threads each has for ops side by side: the bytes are to be the same.
 *
 * @param model what is trained
 * @param samples of the largest part
 * @returns 1: a part stays whole
 */
export function lanesOfPart(model: Sequential, samples: number): number {
  return lanesOf(model, samples, { ...currentThreads(), inter: 1 });
}

/** Of each parameter: its data, its gradient before and in this step, and what optimizers keep. */
const COPIES_OF_PARAMETERS = 5;

const BYTES_OF_FLOAT = 4;

/** Between the tensors of a step is room that none fits in. ResNet-18 takes 1,610 MB with a piece that is too small, 1,500 in this. */
const ROOM_BETWEEN = 1.5;

/** Of the memory. A piece of all of it would not be given. */
const LARGEST_PIECE = 1 / 3;

/** Lets TensorFlow have what a step needs in one piece: it is the system's until it is written to. */
function reserveMemory({ model, sizes }: ProgramParts): void {
  const samples = Math.max(0, ...sizes.train);
  const parameters = model.parameters.reduce((sum, { size }) => sum + size, 0);
  const numbers = samples * keptPerSample(model.layers) + COPIES_OF_PARAMETERS * parameters;
  sessions().reserve(Math.min(BYTES_OF_FLOAT * numbers * ROOM_BETWEEN, usableMemory() * LARGEST_PIECE));
}

function lanesOf(model: Sequential, samples: number, threads: Threads): number {
  return lanesFor(threads, { flops: stepWork(model, samples, 'graph').flops, samples });
}

/**
 * Makes a model and its loss ready to run. TensorFlow must be loaded.
 *
 * @param engine which engine; what `graph` cannot compile is run by `eager`
 * @param parts what is trained
 * @returns the program and its engine
 */
export function createProgram(engine: Engine, parts: ProgramParts): CreatedProgram {
  const eager = (fallback: string | null): CreatedProgram => ({
    program: new EagerProgram(parts.model, parts.lossFunction, parts.task, parts.keepsOutputs),
    engine: 'eager',
    fallback,
  });
  if (engine === 'eager') return eager(null);
  reserveMemory(parts);
  try {
    const { input } = parts.model;
    const bytes = input.kind === 'image' ? input.channels * input.height * input.width : 0;
    const samples = Math.max(...parts.sizes.train);
    const lanes = parts.lanes ?? lanesOf(parts.model, samples, currentThreads());
    const pixels = bytes % BYTES_PER_NUMBER === 0 ? (parts.pixels ?? null) : null;
    const { kept, ...rest } = parts;
    // These depend on the process, and on what the program is for, too.
    const further = [lanes, pixels !== null, parts.inVectors ?? false, parts.keepsOutputs ?? false];
    const own = kept ? { ...kept, key: `${further.join()} ${kept.key}` } : null;
    const program = new GraphProgram({ ...rest, pixels, lanes }, parts.sizes, own);
    return { program, engine, fallback: null };
  } catch (error) {
    if (error instanceof TraceError) return eager(error.message);
    throw error;
  }
}
