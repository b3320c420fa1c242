import { type ChildProcess, fork } from 'node:child_process';
import { PATHS } from './paths.js';
import { failed, type Trial } from './trial.js';

/** A trial by its kind and number. */
export interface Job {
  readonly kind: string;
  readonly seed: number;
  readonly trial: number;
  /** Whether its folder stays, to be looked at. */
  readonly keep: boolean;
}

export interface LaneOptions {
  /** A folder for all that it writes. */
  readonly folder: string;
}

/** What a lane answers. */
export interface Answer {
  readonly trial: Trial;
  readonly megabytes: number;
}

/** A process that takes more has kept what it should have let go; a new one takes its place. */
const MOST_MEGABYTES = 1500;
const LAST_WORDS = 3000;

/**
 * A process that makes trials, one after another. What hangs or crashes there is a failure of the trial, and the next gets a
 * process of its own.
 */
export class Lane {
  #child: ChildProcess | null = null;
  #stderr = '';

  constructor(private readonly options: LaneOptions) {}

  /**
   * @param job what to try
   * @param patienceSeconds how long it may take
   * @returns what came of it
   */
  async run(job: Job, patienceSeconds: number): Promise<Trial> {
    const child = this.#child ?? this.#start();
    this.#stderr = '';
    const answer = await new Promise<Answer | 'hangs' | 'crashes'>((resolve) => {
      const limit = setTimeout(() => finish('hangs'), patienceSeconds * 1000);
      const crash = (): void => finish('crashes');
      const finish = (end: Answer | 'hangs' | 'crashes'): void => {
        clearTimeout(limit);
        child.off('message', finish).off('close', crash);
        resolve(end);
      };
      child.once('message', finish as (message: unknown) => void).once('close', crash);
      child.send(job);
    });
    if (typeof answer !== 'string') {
      if (answer.megabytes > MOST_MEGABYTES) this.stop();
      return answer.trial;
    }
    this.stop();
    const detail = `${patienceSeconds} s; stderr of the process that made the trial:\n${this.#stderr}`;
    const what = answer === 'hangs' ? 'hangs' : 'ends the process';
    return { counts: {}, failures: failed(what, detail) };
  }

  /** Ends the process, and those that it has started. */
  stop(): void {
    const pid = this.#child?.pid;
    this.#child?.removeAllListeners();
    this.#child = null;
    if (pid === undefined) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // It is gone already.
    }
  }

  #start(): ChildProcess {
    // In a process group of its own, which is ended as one.
    const child = fork(PATHS.lane, [this.options.folder], { detached: true, silent: true });
    child.stdout!.resume();
    child.stderr!.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString()).slice(-LAST_WORDS);
    });
    this.#child = child;
    return child;
  }
}
