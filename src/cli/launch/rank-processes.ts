import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../../base/package.js';
import { hasTerminal } from '../../base/terminal.js';
import { LAUNCH } from '../../runs/parallel/way-on.js';
import type { Failure, RankMessage } from './message.js';

const PROGRAM = join(PACKAGE_ROOT, 'bin/lossnet.js');
/** Once a rank has failed the others end by themselves, rank 0 after saving. Who does not, as it hangs, is ended. */
const GRACE_MILLISECONDS = 30_000;
/** More than an error says. */
const MOST_SAID = 64_000;

/** How a rank ended. */
export interface Ended {
  readonly rank: number;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** What it told that it failed for. */
  readonly failed: Failure | null;
  /** What it wrote to stderr; of rank 0 nothing, as it was shown at once. */
  readonly said: string;
}

/** The processes of one start. */
export class RankProcesses {
  /** The folder of the run that rank 0 has begun, which can be resumed; null: none yet. */
  begun: string | null = null;
  /** Whether whoever started them wants them to end. */
  isStopped = false;
  readonly #children: ChildProcess[] = [];

  /**
   * @param args of each: `train` and what follows
   * @param addresses `host:port` of each
   * @param env variables that are set besides
   */
  constructor(
    private readonly args: readonly string[],
    private readonly addresses: readonly string[],
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  /** Starts all of them and waits until all have ended; passes signals on. */
  async run(): Promise<Ended[]> {
    // Without a terminal, as below nohup, a hang-up is about none of them.
    const names = ['SIGINT', 'SIGTERM', ...(hasTerminal() ? ['SIGHUP' as const] : [])] as const;
    const pass = (signal: NodeJS.Signals): void => {
      this.isStopped = true;
      for (const child of this.#children) child.kill(signal);
    };
    for (const name of names) process.on(name, pass);
    try {
      return await this.#run();
    } finally {
      for (const name of names) process.off(name, pass);
    }
  }

  async #run(): Promise<Ended[]> {
    let timer: NodeJS.Timeout | undefined;
    const killAll = (): void => {
      for (const child of this.#children) child.kill('SIGKILL');
    };
    const ends = this.addresses.map(async (_, rank) => {
      const ended = await this.#start(rank);
      if (ended.code !== 0) timer ??= setTimeout(killAll, GRACE_MILLISECONDS);
      return ended;
    });
    const all = await Promise.all(ends);
    clearTimeout(timer);
    return all;
  }

  #start(rank: number): Promise<Ended> {
    const cluster = { worker: this.addresses };
    const child = spawn(process.execPath, [PROGRAM, ...this.args, '--parallel'], {
      env: {
        ...process.env,
        ...this.env,
        TF_CONFIG: JSON.stringify({ cluster, task: { type: 'worker', index: rank }, environment: LAUNCH }),
      },
      // Only rank 0 shows anything. The channel tells when this process is gone.
      stdio: [
        rank === 0 ? 'inherit' : 'ignore',
        rank === 0 ? 'inherit' : 'ignore',
        rank === 0 ? 'inherit' : 'pipe',
        'ipc',
      ],
      // A group of their own: a terminal's Ctrl-C comes once, by way of this process.
      detached: true,
    });
    this.#children.push(child);
    let failed: Failure | null = null;
    child.on('message', (message: RankMessage) => {
      if ('begun' in message) this.begun = message.begun;
      else failed = message.failed;
    });
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-MOST_SAID);
    });
    return new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code, signal) => resolve({ rank, code, signal, failed, said }));
    });
  }
}
