import { RESERVED_VARIABLES } from '../../../config/index.js';
import type { RunThreads } from '../../store/comparison.js';
import { WorkerProcess } from './worker-process.js';

/** The processes that a comparison trains in. One that is free is used again. */
export class Workers {
  readonly #env: NodeJS.ProcessEnv;
  readonly #all: WorkerProcess[] = [];

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

  /** A process that is free, a new one when there is none. */
  take(): WorkerProcess {
    const free = this.#all.find(({ isFree }) => isFree);
    if (free !== undefined) return free;
    const worker = new WorkerProcess(this.#env);
    this.#all.push(worker);
    return worker;
  }

  /** Asks all that are under way to save and to end. */
  stop(): void {
    for (const worker of this.#all) if (!worker.isFree) worker.stop();
  }

  /** Lets all end that have nothing more to do. */
  close(): void {
    for (const worker of this.#all) worker.close();
  }
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
