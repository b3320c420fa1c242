import { spawn } from 'node:child_process';
import { type Gone, WorkerProcess } from '../src/base/worker-process.js';
import { peakMemoryMb, usedSeconds } from './machine.js';
import type { Answer, Ready, Request, Response } from './protocol.js';

/** How to start a process. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  /** Added to this process's environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** A peer's process. It waits for requests, so that the peers can take turns; asked one thing at a time. */
export class Worker {
  private constructor(private readonly process: WorkerProcess<Request, Response>) {}

  /**
   * Starts a process and waits until it is ready.
   *
   * @param command what to start
   * @returns the worker, and what it said
   * @throws Error with the end of its stderr when it ends instead
   */
  static async start({ file, args, env }: Command): Promise<{ worker: Worker; ready: Ready }> {
    const child = spawn(file, args, { env: { ...process.env, ...env }, stdio: 'pipe' });
    const worker = new Worker(new WorkerProcess(child, 'lines'));
    try {
      return { worker, ready: unlessGone(await worker.process.ask(null, 'ready')) };
    } catch (error) {
      await worker.stop();
      throw error;
    }
  }

  /**
   * @param type what it is to do
   * @returns its answer
   * @throws Error with the end of its stderr when it ends instead, or with what it said that is no answer
   */
  async ask<R extends Request['type']>(type: R): Promise<Answer<R>> {
    return unlessGone(await this.process.ask({ type } as Request, type));
  }

  /** The most memory that it has had, in MB; null where the system does not tell. */
  get peakMemoryMb(): number | null {
    return this.process.pid === undefined ? null : peakMemoryMb(this.process.pid);
  }

  /** Seconds of CPU that it has used; null where the system does not tell. */
  get usedSeconds(): number | null {
    return this.process.pid === undefined ? null : usedSeconds(this.process.pid);
  }

  /** Ends it, and waits for its end. */
  async stop(): Promise<void> {
    await this.process.kill();
  }
}

/** @throws Error with the end of a process's stderr when it is gone */
function unlessGone<T extends Response>(answer: T | Gone): T {
  if (answer.type !== 'gone') return answer as T;
  const { error, lines } = answer as Gone;
  const why = error?.message ?? (lines.slice(-3).join(' / ') || 'no reason given');
  throw new Error(`ended without an answer: ${why}`);
}
