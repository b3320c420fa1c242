import type { Batch } from '../data/loader.js';
import { type LoopParts, type LoopStep, trainEpoch } from '../loop.js';
import type { Parameter } from '../model/parameter.js';
import type { Sequential } from '../model/sequential.js';
import type { OptimizerState } from '../optim/home.js';
import type { Progress } from '../progress.js';

/** One number among those that are trained. */
export interface Subject {
  readonly parameter: Parameter;
  /** Where in its tensor, in PyTorch's order. */
  readonly index: number;
}

/** The tensors of a model and an optimizer, to go back to. */
export interface Snapshot {
  readonly state: ReadonlyMap<Parameter, Float32Array | Int32Array>;
  readonly memory: OptimizerState;
}

/** A step of the loop, with what only shows in its midst. */
export interface RecordedStep {
  readonly result: LoopStep;
  readonly batches: readonly Batch[];
  /** What the sum of their losses is divided by. */
  readonly divisor: number;
  readonly before: Snapshot;
  readonly subject: Subject;
  /** The gradients of the subject's tensor; null before: there were none, or it never had any. */
  readonly grad: {
    readonly before: Float32Array | null;
    /** Of the subject alone, after each backward. */
    readonly each: readonly number[];
    /** What the step took, after clipping. */
    readonly used: Float32Array;
  };
  /** The subject's tensor and the optimizer's memory after the step. */
  readonly data: Float32Array;
  readonly memory: OptimizerState;
}

/**
 * Makes one step with the loop, and records it. Nothing is computed otherwise than in training, but for being read in between.
 *
 * @param parts what is trained; of its step nothing else is watched
 * @param model whose parameters they are
 * @param progress where the run stands
 * @param choose the number to follow: asked after the first backward, when there are gradients
 * @returns the record; without a subject when the loss is not finite, and no step was made
 */
export function recordStep(
  parts: LoopParts,
  model: Sequential,
  progress: Progress,
  choose: (trained: readonly Parameter[]) => Subject,
): RecordedStep | LoopStep {
  const before = snapshotOf(model, parts);
  const batches: Batch[] = [];
  const each: number[] = [];
  let subject: Subject | undefined;
  let used: Float32Array | undefined;
  let former = new Map<Parameter, Float32Array>();

  const optimizer = watched(parts.optimizer, {
    zeroGrad: (call) => {
      former = gradientsOf(model);
      call();
    },
    step: (call) => {
      used = subject?.parameter.gradient() ?? undefined;
      call();
    },
  });
  const program = watched(parts.program, {
    loss: (call, batch) => {
      batches.push(batch);
      return watched(call(), {
        backward: (run) => {
          run();
          if (subject === undefined && model.trainable.some(({ grad }) => grad !== null))
            subject = choose(model.trainable);
          const gradient = subject?.parameter.gradient();
          if (subject && gradient) each.push(gradient[subject.index]!);
        },
      });
    },
  });
  const steps = trainEpoch({ ...parts, optimizer, program, watchEvery: null }, progress.epoch, progress);
  const step = steps.next();
  if (step.done) throw new Error('an epoch has at least one step');
  steps.return(undefined);
  if (step.value.diverged || subject === undefined || used === undefined) return step.value;
  return {
    ...{ result: step.value, batches, divisor: parts.program.divisor(batches), before, subject },
    grad: { before: former.get(subject.parameter) ?? null, each, used },
    data: subject.parameter.values() as Float32Array,
    memory: parts.optimizer.stateDict(),
  };
}

/** Brings model and optimizer back to where they were. */
export function restore({ optimizer }: Pick<LoopParts, 'optimizer'>, { state, memory }: Snapshot): void {
  for (const [parameter, values] of state) parameter.load(values);
  optimizer.loadStateDict(memory);
}

function snapshotOf(model: Sequential, { optimizer }: LoopParts): Snapshot {
  const state = new Map(model.state.map((parameter) => [parameter, parameter.values()]));
  return { state, memory: optimizer.stateDict() };
}

function gradientsOf(model: Sequential): Map<Parameter, Float32Array> {
  return new Map(
    model.trainable.flatMap((parameter) => {
      const gradient = parameter.gradient();
      return gradient === null ? [] : [[parameter, gradient] as const];
    }),
  );
}

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
function watched<T extends object>(target: T, around: Around<T>): T {
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
