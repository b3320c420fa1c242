/** Numbers and their shape: of a tensor, in JavaScript's memory. */
export interface Values {
  /** Of a tensor of bool, a byte for each. */
  readonly values: Float32Array | Int32Array | Uint8Array;
  readonly shape: readonly number[];
}

/** What placeholders are fed, which say of which shape it is: values, and which rows of them, in order, or undefined: as they are. */
export type Fed = readonly (Values['values'] | Uint32Array | undefined)[];

declare const kind: unique symbol;
/** A session of TensorFlow's with a graph in it. */
export type SessionHandle = { readonly [kind]: 'session' };
/** What is fed and what is given in a run. */
export type Plan = { readonly [kind]: 'plan' };

/** What the addon offers: see native/cc/session.cc. */
export interface Sessions {
  /**
   * @param graph bytes of a GraphDef
   * @param alone whether no two of its ops run side by side: then none waits for a thread to wake
   * @throws Error with TensorFlow's words when it is not valid
   */
  load(graph: Uint8Array, alone: boolean): SessionHandle;
  /**
   * @param feeds, outputs names of placeholders; outputs as `node` or `node:index`
   * @throws Error when the graph has none of that name, or leaves a size of a placeholder open that is not its first
   */
  plan(session: SessionHandle, feeds: readonly string[], outputs: readonly string[]): Plan;
  /**
   * Runs it at once.
   *
   * @param fed values and rows for each placeholder in turn
   * @param into where the only output is copied to, of as many floats; absent: to memory of its own, which takes longer
   * @returns what the outputs give; with `into`, undefined
   * @throws Error with TensorFlow's words when an op refuses
   */
  run(plan: Plan, fed: Fed): Values[];
  run(plan: Plan, fed: Fed, into: Float32Array | undefined): Values[] | undefined;
  /** Copies what is fed and begins, on a thread of the session's: `finish` has to come before anything else there. */
  start(plan: Plan, fed: Fed): void;
  /** Waits for what `start` began. @throws Error as `run` */
  finish(plan: Plan): Values[];
  finish(plan: Plan, into: Float32Array | undefined): Values[] | undefined;
  close(session: SessionHandle): void;
  /**
   * Lets no profiler interrupt this thread while ops run on it one by one: what they compute would be spoilt. Runs of graphs do so
   * themselves.
   */
  hold(isOn: boolean): void;
  /** Lets TensorFlow have so many bytes in one piece, as a training needs them: only the first call in a process counts. */
  reserve(bytes: number): void;
  /** Whether this CPU is one for which lossnet multiplies matrices itself as fast as can be. */
  multiplies(): boolean;
  /** Milliseconds that graphs have run so far: the rest of the time, TensorFlow waited. */
  busy(): number;
  /** Milliseconds of a core that JavaScript's thread has had so far. */
  cpu(): number;
}

let loaded: Sessions | undefined;

/** Makes the addon known: `loadTensorFlow` does. */
export function setSessions(addon: Sessions): void {
  loaded = addon;
}

/**
 * @returns the addon
 * @throws Error before `loadTensorFlow`, which is a mistake in the program
 */
export function sessions(): Sessions {
  if (loaded === undefined) throw new Error('TensorFlow is not loaded: call loadTensorFlow() first.');
  return loaded;
}
