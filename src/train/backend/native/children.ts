import { type ChildProcess, spawn } from 'node:child_process';

/** How a command ended. */
export interface Outcome {
  /** whether it ran to its end and reported success */
  ok: boolean;
  /** the signal that ended it, if one did */
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** The commands that one provisioning runs, so that all of them end with it. */
export class Children {
  readonly #live = new Map<ChildProcess, Promise<Outcome>>();
  readonly #folder: string;
  #stopped = false;

  /** @param folder where the commands run and keep their temporary files */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Runs a command to its end without a shell. Nothing of it reaches the terminal.
   *
   * @param command the program, looked up in PATH
   * @param args its arguments
   * @param env variables to set or, when undefined, to take away from lossnet's own environment
   * @returns how it ended; a program that cannot be started counts as a failed one
   */
  run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Outcome> {
    if (this.#stopped) return Promise.resolve({ ok: false, signal: null, stdout: '', stderr: 'stopped' });
    const child = spawn(command, args, {
      cwd: this.#folder,
      env: { ...process.env, TMPDIR: this.#folder, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own: a compiler starts further processes, and `kill` has to reach all of them.
      detached: true,
    });
    const ended = new Promise<Outcome>((resolve) => {
      let stdout = '';
      let stderr = '';
      child.stdout?.setEncoding('utf8').on('data', (text: string) => {
        stdout += text;
      });
      child.stderr?.setEncoding('utf8').on('data', (text: string) => {
        stderr += text;
      });
      child.on('error', (error) => resolve({ ok: false, signal: null, stdout, stderr: error.message }));
      child.on('close', (code, signal) => resolve({ ok: code === 0, signal, stdout, stderr }));
    }).finally(() => this.#live.delete(child));
    this.#live.set(child, ended);
    return ended;
  }

  /** Kills every running command, at once; further ones fail without being started. */
  kill(): void {
    this.#stopped = true;
    for (const { pid } of this.#live.keys()) {
      if (pid === undefined) continue;
      try {
        process.kill(-pid, 'SIGKILL');
      } catch {
        // It has just ended by itself.
      }
    }
  }

  /** Kills every running command and waits until none can write a file any more. */
  async stop(): Promise<void> {
    this.kill();
    await Promise.all(this.#live.values());
  }
}
