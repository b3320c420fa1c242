import { type ChildProcess, fork } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { systemReason } from '../../../base/system-errors.js';
import type { TrainEvent } from '../../../train/events.js';
import type { Notice } from '../../notices.js';
import type { RunTime } from '../../train/short-trial.js';
import type { Outcome, Request, Response } from './protocol.js';

const WORKER = fileURLToPath(new URL('./worker.js', import.meta.url));
/** Lines of stderr that are kept to say why a process ended. */
const KEPT_LINES = 10;

export interface WorkListener {
  event(event: TrainEvent): void;
  notice(notice: Notice): void;
  /** How long a run takes, where that was asked for. Default: nobody asked. */
  timed?(time: RunTime): void;
  /** Each line that the process writes to stderr, such as TensorFlow's. */
  line(line: string): void;
}

/**
 * A process that does work for a comparison, one thing after another: only the first has to wait for Node and TensorFlow to
 * start. It has a process group of its own, so that Ctrl-C on a terminal reaches it once, from here; were this process
 * killed, it would notice that nobody listens, and saves and ends.
 */
export class WorkerProcess {
  readonly #process: ChildProcess;
  readonly #lastLines: string[] = [];
  #listener: WorkListener | null = null;
  #finish: ((outcome: Outcome) => void) | null = null;
  #isOver = false;

  /** @param env its environment */
  constructor(env: NodeJS.ProcessEnv) {
    this.#process = fork(WORKER, {
      env,
      // Node's own options are this process's, such as a debugger's.
      execArgv: [],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      detached: true,
      // Structured clones, so that numbers that JSON does not have travel too.
      serialization: 'advanced',
    });
    const { stderr } = this.#process;
    // One that cannot be started for want of files or memory has no streams.
    if (stderr) createInterface({ input: stderr }).on('line', (line) => this.#hear(line));
    this.#process.on('message', (response: Response) => this.#read(response));
    this.#process.on('error', (error) =>
      this.#end({ status: 'failed', reason: `No process can be started: ${systemReason(error)}.` }),
    );
    this.#process.on('close', (code, signal) => this.#end(this.#cutOff(code, signal)));
  }

  /** Whether it can be given something to do. */
  get isFree(): boolean {
    return !this.#isOver && this.#finish === null;
  }

  /**
   * @param request what to do
   * @param listener told what happens
   * @returns how it ended
   */
  run(request: Exclude<Request, { type: 'stop' }>, listener: WorkListener): Promise<Outcome> {
    return new Promise((finish) => {
      this.#listener = listener;
      this.#finish = finish;
      this.#lastLines.length = 0;
      this.#send(request);
    });
  }

  /** Asks it to save what is under way, and to end that. */
  stop(): void {
    this.#send({ type: 'stop' });
  }

  /** Lets it end when it has nothing more to do. */
  close(): void {
    if (this.#process.connected) this.#process.disconnect();
  }

  /** What it could not be told, as it has ended, its end says. */
  #send(request: Request): void {
    if (this.#process.connected) this.#process.send(request, () => {});
  }

  #read(response: Response): void {
    switch (response.type) {
      case 'event':
        this.#listener?.event(response.event);
        return;
      case 'timed':
        this.#listener?.timed?.(response.time);
        return;
      case 'notice':
        this.#listener?.notice(response.notice);
        return;
      case 'ended':
        // Whatever went wrong there might go on doing so.
        if (response.outcome.status === 'failed') this.#retire();
        this.#end(response.outcome, this.#isOver);
    }
  }

  #hear(line: string): void {
    this.#lastLines.push(line);
    if (this.#lastLines.length > KEPT_LINES) this.#lastLines.shift();
    this.#listener?.line(line);
  }

  #retire(): void {
    this.#isOver = true;
    this.close();
  }

  #end(outcome: Outcome, isOver = true): void {
    this.#isOver = isOver;
    this.#finish?.(outcome);
    this.#finish = null;
  }

  /** Of a process that has ended in the midst of its work. */
  #cutOff(code: number | null, signal: NodeJS.Signals | null): Outcome {
    if (signal === 'SIGTERM' || signal === 'SIGINT' || signal === 'SIGHUP') return { status: 'interrupted' };
    const how = signal === null ? `exit code ${code}` : `killed by ${signal}`;
    const hint = signal === 'SIGKILL' ? ', perhaps as the memory was full' : '';
    return { status: 'failed', reason: [`${how}${hint}`, ...this.#lastLines].join('\n') };
  }
}
