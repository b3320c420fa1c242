/** What a peer is asked for: to train an epoch, or to multiply large matrices. One thing at a time, a line of JSON each. */
export type Request = { readonly type: 'run' } | { readonly type: 'peak' };

/** What it says: first of all, unasked, that it is ready; then to each request an answer of the same type. */
export type Response =
  | {
      readonly type: 'ready';
      readonly versions: Readonly<Record<string, string>>;
      /** lossnet's also: how long it took to build and to make the first step. */
      readonly buildMs?: number;
      readonly firstStepMs?: number;
      /** The memory that it had with its libraries, before it had data and a model, in MB; null: the system does not tell. */
      readonly loadedMb?: number | null;
      /** Floating point operations of a step. */
      readonly flops?: number;
    }
  | {
      readonly type: 'run';
      /** Milliseconds per step. */
      readonly ms: number;
      /** lossnet's also: how long of them TensorFlow waited for JavaScript. */
      readonly waitedMs?: number;
    }
  | { readonly type: 'peak'; readonly gflops: number };

export type Ready = Extract<Response, { type: 'ready' }>;
/** The answer to a request. */
export type Answer<R extends Request['type']> = Extract<Response, { type: R }>;
