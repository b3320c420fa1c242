import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { EXIT } from '../exit-codes.js';
import type { EventRecord } from '../reporters/record.js';

const PROGRAM = fileURLToPath(new URL('../../../bin/lossnet.js', import.meta.url));
/** Lines of stderr that are kept to say why a run failed. */
const KEPT_LINES = 10;

/** How a run in a process of its own ended. */
export type Outcome =
  | { readonly status: 'done' | 'diverged' | 'interrupted' }
  | { readonly status: 'failed'; readonly reason: string };

export interface ChildOptions {
  /** What follows `lossnet train`, without `--json`. */
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly onEvent: (event: EventRecord) => void;
  /** Each line that it writes to stderr. */
  readonly onMessage: (line: string) => void;
}

/**
 * `lossnet train` in a process of its own. It has a process group of its own too, so that Ctrl-C on a terminal reaches
 * it once, from here; were this process killed, its next event would find nobody reading, and it saves and ends.
 */
export class TrainingChild {
  readonly finished: Promise<Outcome>;
  readonly #process: ChildProcess;

  constructor({ args, env, onEvent, onMessage }: ChildOptions) {
    this.#process = spawn(process.execPath, [PROGRAM, 'train', ...args, '--json'], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const { stdout, stderr } = this.#process;
    const tail: string[] = [];
    createInterface({ input: stdout! }).on('line', (line) => {
      const event = parse(line);
      if (event !== null) onEvent(event);
    });
    createInterface({ input: stderr! }).on('line', (line) => {
      tail.push(line);
      if (tail.length > KEPT_LINES) tail.shift();
      onMessage(line);
    });
    this.finished = new Promise((resolve) => {
      this.#process.on('error', (error) => resolve({ status: 'failed', reason: error.message }));
      this.#process.on('close', (code, signal) => resolve(outcomeOf(code, signal, tail)));
    });
  }

  /** Asks it to save and to end. Call it once: a second signal would end it without. */
  stop(): void {
    this.#process.kill('SIGTERM');
  }
}

function outcomeOf(code: number | null, signal: NodeJS.Signals | null, tail: readonly string[]): Outcome {
  switch (code) {
    case EXIT.done:
    case EXIT.unexpected:
      return { status: 'done' };
    case EXIT.diverged:
      return { status: 'diverged' };
    case EXIT.interrupted:
    case EXIT.terminated:
      return { status: 'interrupted' };
    default:
      break;
  }
  if (signal === 'SIGTERM' || signal === 'SIGINT') return { status: 'interrupted' };
  const how = signal === null ? `exit code ${code}` : `killed by ${signal}`;
  const hint = signal === 'SIGKILL' ? ', perhaps as the memory was full' : '';
  return { status: 'failed', reason: [`${how}${hint}`, ...tail].join('\n') };
}

/** What is no event, such as what a library prints, counts for nothing. */
function parse(line: string): EventRecord | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as EventRecord) : null;
  } catch {
    return null;
  }
}
