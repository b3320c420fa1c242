import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { availableCores } from '../../../../base/cores.js';
import { PACKAGE_ROOT } from '../../../../base/package.js';
import { inParallel } from '../../../../base/parallel.js';
import type { Content } from './file.js';
import type { PictureOptions } from './options.js';
import type { Answer, Job, Outcome } from './picture-thread.js';
import type { Wanted } from './pictures.js';

/** For fewer, threads are not worth starting. */
export const ENOUGH = 200;
/** So many pictures go to a thread at a time: a message takes as long as a tenth of one. */
const TOGETHER = 8;
/** Chunks that a thread has at a time, so that it need not wait for the next. */
const AHEAD = 2;
/** Each has memory for a picture of its own. */
const MOST_THREADS = 16;

/** The build puts it beside the program. */
const PROGRAM = join(PACKAGE_ROOT, 'dist/program/picture-thread.js');

/**
 * Threads that read pictures and decode JPEGs, each all of a picture's way: Node's own threads would leave to this one what
 * JavaScript does, which is nearly half of it. They start when there is work for them.
 */
export class PictureThreads {
  #threads: PictureThread[] = [];

  /** @param options what pictures become */
  constructor(private readonly options: PictureOptions) {}

  /**
   * Reads files.
   *
   * @param paths of them
   * @param take takes what each of them holds, by its position among the paths, in any order
   * @param signal no more are read once it is set
   * @throws the signal's reason
   */
  async read(
    paths: readonly string[],
    take: (at: number, content: Content) => void,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    await this.#each(paths, signal, async (thread, own, first) => {
      const contents = await thread.ask({ kind: 'read', paths: own });
      for (const [i, content] of contents.entries()) take(first + i, content);
    });
  }

  /**
   * Decodes JPEGs.
   *
   * @param wanted which
   * @param take takes what becomes of each, by its position, in any order; the bytes are its own
   * @param signal no more are decoded once it is set
   * @throws the signal's reason
   */
  async decode(
    wanted: readonly Wanted[],
    take: (at: number, outcome: Outcome) => void,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    await this.#each(wanted, signal, async (thread, own, first) => {
      const outcomes = await thread.ask({ kind: 'decode', wanted: own });
      for (const [i, outcome] of outcomes.entries()) take(first + i, outcome);
    });
  }

  /** Ends them. */
  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()));
    this.#threads = [];
  }

  async #each<T>(
    things: readonly T[],
    signal: AbortSignal | undefined,
    work: (thread: PictureThread, own: readonly T[], first: number) => Promise<void>,
  ): Promise<void> {
    if (things.length === 0) return;
    if (this.#threads.length === 0) {
      this.#threads = Array.from({ length: threadCount() }, () => new PictureThread(this.options));
    }
    const firsts = Array.from({ length: Math.ceil(things.length / TOGETHER) }, (_, i) => i * TOGETHER);
    await inParallel(
      firsts,
      AHEAD * this.#threads.length,
      async (first) => {
        const [thread] = [...this.#threads].sort((a, b) => a.waiting - b.waiting);
        await work(thread!, things.slice(first, first + TOGETHER), first);
      },
      signal,
    );
  }
}

/** One for each core; no more than Node's threads, where somebody has said how many these may be. */
function threadCount(): number {
  const most = Number(process.env.UV_THREADPOOL_SIZE) || MOST_THREADS;
  return Math.max(1, Math.min(availableCores(), most, MOST_THREADS));
}

interface Asked {
  readonly resolve: (answer: never) => void;
  readonly reject: (error: unknown) => void;
}

class PictureThread {
  readonly #worker: Worker;
  readonly #asked = new Map<number, Asked>();
  #count = 0;
  #failure: { readonly error: unknown } | null = null;

  constructor(options: PictureOptions) {
    this.#worker = new Worker(PROGRAM, { workerData: options });
    this.#worker.on('message', ({ id, answer }: { readonly id: number; readonly answer: never }) => {
      const asked = this.#asked.get(id);
      this.#asked.delete(id);
      asked?.resolve(answer);
    });
    this.#worker.on('error', (error) => this.#fail(error));
    this.#worker.on('exit', (code) =>
      this.#fail(new Error(`A thread that decodes pictures ended with ${code}.`)),
    );
  }

  /** Jobs that it has not answered. */
  get waiting(): number {
    return this.#asked.size;
  }

  ask<J extends Job>(job: J): Promise<Answer<J>> {
    const id = this.#count++;
    return new Promise((resolve, reject) => {
      if (this.#failure !== null) return reject(this.#failure.error);
      this.#asked.set(id, { resolve, reject });
      this.#worker.postMessage({ id, job });
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    for (const { reject } of this.#asked.values()) reject(this.#failure.error);
    this.#asked.clear();
  }
}
