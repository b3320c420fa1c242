/** Numbers and their shape: of a tensor, in JavaScript's memory. */
export interface Values {
  /** Of a tensor of bool, a byte for each. */
  readonly values: Float32Array | Int32Array | Uint8Array;
  readonly shape: readonly number[];
}

declare const kind: unique symbol;
/** A session of TensorFlow's with a graph in it. */
export type SessionHandle = { readonly [kind]: 'session' };
/** What is fed and what is given in a run. */
export type Plan = { readonly [kind]: 'plan' };

/** What the addon offers: see native/cc/session.cc. */
export interface Sessions {
  /** @param graph bytes of a GraphDef. @throws Error with TensorFlow's words when it is not valid */
  load(graph: Uint8Array): SessionHandle;
  /** @param feeds, outputs names of placeholders; outputs as `node` or `node:index` */
  plan(session: SessionHandle, feeds: readonly string[], outputs: readonly string[]): Plan;
  /** Runs it at once. @throws Error with TensorFlow's words when an op refuses */
  run(plan: Plan, values: readonly Values['values'][], shapes: readonly Values['shape'][]): Values[];
  /** Copies what is fed and begins, on a thread of the session's: `finish` has to come before anything else there. */
  start(plan: Plan, values: readonly Values['values'][], shapes: readonly Values['shape'][]): void;
  /** Waits for what `start` began. @throws Error as `run` */
  finish(plan: Plan): Values[];
  close(session: SessionHandle): void;
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
