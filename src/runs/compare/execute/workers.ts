import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { systemReason } from '../../../base/system-errors.js';
import { type Gone, WorkerProcess } from '../../../base/worker-process.js';
import { RESERVED_VARIABLES } from '../../../config/index.js';
import type { TrainEvent } from '../../../train/events.js';
import type { Notice } from '../../notices.js';
import type { RunThreads } from '../../store/comparison.js';
import type { RunTime } from '../../train/short-trial.js';
import type { Outcome, Request, Response } from './protocol.js';

const WORKER = fileURLToPath(new URL('./worker.js', import.meta.url));

export interface WorkListener {
  event(event: TrainEvent): void;
  notice(notice: Notice): void;
  /** How long a run takes, where that was asked for. Default: nobody asked. */
  timed?(time: RunTime): void;
  /** Each line that the process writes to stderr, such as TensorFlow's. */
  line(line: string): void;
}

/** The processes that a comparison trains in. One that is free is used again: only the first run waits for Node and TensorFlow. */
export class Workers {
  readonly #env: NodeJS.ProcessEnv;
  readonly #all: WorkerProcess<Request, Response>[] = [];

  /**
   * @param env of this process
   * @param threads TensorFlow's, of each worker
   */
  constructor(
    env: NodeJS.ProcessEnv,
    readonly threads: RunThreads,
  ) {
    this.#env = workerEnvironment(env, threads);
  }

  /**
   * Has something done by a process that is free, a new one when there is none.
   *
   * @param request what to do
   * @param listener told what happens
   * @returns how it ended
   */
  async run(request: Exclude<Request, { type: 'stop' }>, listener: WorkListener): Promise<Outcome> {
    const worker = this.#take();
    const end = await worker.ask(request, 'ended', {
      line: (line) => listener.line(line),
      answer(response) {
        switch (response.type) {
          case 'event':
            return listener.event(response.event);
          case 'timed':
            return listener.timed?.(response.time);
          case 'notice':
            return listener.notice(response.notice);
          case 'ended':
            // Whatever went wrong there might go on doing so.
            if (response.outcome.status === 'failed') worker.close();
        }
      },
    });
    return end.type === 'gone' ? cutOff(end) : end.outcome;
  }

  /** Asks all that are under way to save and to end. */
  stop(): void {
    for (const worker of this.#all) if (worker.isBusy) worker.send({ type: 'stop' });
  }

  /** Lets all end that have nothing more to do. */
  close(): void {
    for (const worker of this.#all) worker.close();
  }

  #take(): WorkerProcess<Request, Response> {
    const free = this.#all.find(({ isFree }) => isFree);
    if (free !== undefined) return free;
    const worker = new WorkerProcess<Request, Response>(start(this.#env), 'ipc');
    this.#all.push(worker);
    return worker;
  }
}

/**
 * A process group of its own, so that Ctrl-C on a terminal reaches it once, from here; were this process killed, it would notice
 * that nobody listens, and saves and ends.
 */
const start = (env: NodeJS.ProcessEnv) =>
  fork(WORKER, {
    env,
    // Node's own options are this process's, such as a debugger's.
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    detached: true,
    // Structured clones, so that numbers that JSON does not have travel too.
    serialization: 'advanced',
  });

/** Of a process that has ended in the midst of its work. */
function cutOff({ code, signal, error, lines }: Gone): Outcome {
  if (error !== null)
    return { status: 'failed', reason: `No process can be started: ${systemReason(error)}.` };
  if (signal === 'SIGTERM' || signal === 'SIGINT' || signal === 'SIGHUP') return { status: 'interrupted' };
  const how = signal === null ? `exit code ${code}` : `killed by ${signal}`;
  const hint = signal === 'SIGKILL' ? ', perhaps as the memory was full' : '';
  return { status: 'failed', reason: [`${how}${hint}`, ...lines].join('\n') };
}

/** The configurations hold what variables set already, and the comparison writes the summary of the job itself. */
function workerEnvironment(env: NodeJS.ProcessEnv, { intra_op, inter_op }: RunThreads): NodeJS.ProcessEnv {
  const isKept = (name: string) => {
    const upper = name.toUpperCase();
    const isReserved = RESERVED_VARIABLES.some((reserved) => reserved === upper);
    return upper !== 'GITHUB_STEP_SUMMARY' && (isReserved || !upper.startsWith('LOSSNET_'));
  };
  return {
    ...Object.fromEntries(Object.entries(env).filter(([name]) => isKept(name))),
    TF_NUM_INTRAOP_THREADS: `${intra_op}`,
    TF_NUM_INTEROP_THREADS: `${inter_op}`,
  };
}
