import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import { peakMemoryMb, usedSeconds } from './machine.js';

/** How to start a process. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  /** Added to this process's environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** What a worker says when it is ready; lossnet's also how long it took to build and to make the first step. */
export interface Ready {
  readonly versions: Readonly<Record<string, string>>;
  readonly buildMs?: number;
  readonly firstStepMs?: number;
  /** The memory that it had with its libraries, before it had data and a model, in MB. */
  readonly loadedMb?: number;
  /** Floating point operations of a step. */
  readonly flops?: number;
}

/** What a worker answers, by command. */
interface Answers {
  /** lossnet's also how long TensorFlow waited for JavaScript. */
  run: { readonly ms: number; readonly waitedMs?: number };
  peak: { readonly gflops: number };
}

// Of what a failed process wrote: the end says why.
const LAST_WORDS = 2000;

/** A peer's process. It waits for commands, so that the peers can take turns; asked one thing at a time. */
export class Worker {
  #stderr = '';
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;

  private constructor(private readonly child: ChildProcess) {
    child.stderr!.on('data', (chunk) => {
      this.#stderr = (this.#stderr + chunk).slice(-LAST_WORDS);
    });
    // A process that is gone shows in its missing answer.
    child.on('error', () => {});
    child.stdin!.on('error', () => {});
    this.#reader = createInterface({ input: child.stdout! });
    this.#lines = this.#reader[Symbol.asyncIterator]();
  }

  /**
   * Starts a process and waits until it is ready.
   *
   * @param command what to start
   * @returns the worker, and what it said
   * @throws Error with the end of its stderr when it ends instead
   */
  static async start({ file, args, env }: Command): Promise<{ worker: Worker; ready: Ready }> {
    const child = spawn(file, args, { env: { ...process.env, ...env }, stdio: 'pipe' });
    const worker = new Worker(child);
    try {
      return { worker, ready: (await worker.#answer()) as Ready };
    } catch (error) {
      await worker.stop();
      throw error;
    }
  }

  /**
   * @param command what it is to do
   * @returns its answer
   * @throws Error with the end of its stderr when it ends instead
   */
  async ask<C extends keyof Answers>(command: C): Promise<Answers[C]> {
    this.child.stdin!.write(`${command}\n`);
    return (await this.#answer()) as Answers[C];
  }

  /** The most memory that it has had, in MB; null where the system does not tell. */
  get peakMemoryMb(): number | null {
    return this.child.pid === undefined ? null : peakMemoryMb(this.child.pid);
  }

  /** Seconds of CPU that it has used; null where the system does not tell. */
  get usedSeconds(): number | null {
    return this.child.pid === undefined ? null : usedSeconds(this.child.pid);
  }

  /** Ends it, and waits for its end. */
  async stop(): Promise<void> {
    this.#reader.close();
    if (this.child.pid === undefined || this.child.exitCode !== null || this.child.signalCode !== null)
      return;
    const ended = new Promise((resolve) => this.child.once('close', resolve));
    this.child.kill('SIGKILL');
    await ended;
  }

  async #answer(): Promise<unknown> {
    const line = await this.#lines.next();
    if (line.done) throw new Error(`ended without an answer: ${lastLines(this.#stderr)}`);
    return JSON.parse(line.value);
  }
}

const lastLines = (text: string): string =>
  text.trim().split('\n').slice(-3).join(' / ') || 'no reason given';
