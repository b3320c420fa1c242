import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { systemReason } from '../../../base/system-errors.js';
import { EXIT } from '../../../cli/exit-codes.js';
import type { EventRecord } from '../../store/event-record.js';

const WORKER = fileURLToPath(new URL('./worker.js', import.meta.url));
/** What a worker writes to stdout, with the exit code, and to stderr when a command has ended. */
export const END_OF_COMMAND = 'end of command';
/** Lines of stderr that are kept to say why a command failed. */
const KEPT_LINES = 10;

/** How a command ended. */
export type Outcome =
  | { readonly status: 'done' | 'diverged' | 'interrupted' }
  | { readonly status: 'failed'; readonly reason: string };

export interface CommandListener {
  event(event: EventRecord): void;
  /** Each line that the command writes to stderr. */
  message(line: string): void;
}

/** A command under way. */
interface Current {
  readonly listener: CommandListener;
  readonly tail: string[];
  readonly finish: (outcome: Outcome) => void;
  /** The exit code that the command would have had alone, once it has ended. */
  code: number | null;
}

/**
 * A process that carries out commands of lossnet, one after another: only the first has to wait for Node and TensorFlow to
 * start. It has a process group of its own, so that Ctrl-C on a terminal reaches it once, from here; were this process
 * killed, the next event of a run there would find nobody reading, and it saves and ends.
 */
export class WorkerProcess {
  readonly #process: ChildProcess;
  #current: Current | null = null;
  #isOver = false;

  /** @param env its environment */
  constructor(env: NodeJS.ProcessEnv) {
    this.#process = spawn(process.execPath, [WORKER], {
      env,
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    const { stdin, stdout, stderr } = this.#process;
    // One that cannot be started for want of files or memory has no streams.
    stdin?.on('error', () => {}); // It has ended: its exit code says why.
    if (stdout) createInterface({ input: stdout }).on('line', (line) => this.#read(line));
    if (stderr) createInterface({ input: stderr }).on('line', (line) => this.#hear(line));
    this.#process.on('error', (error) =>
      this.#end({ status: 'failed', reason: `No process can be started: ${systemReason(error)}.` }),
    );
    this.#process.on('close', (code, signal) =>
      this.#end(outcomeOf(code, signal, this.#current?.tail ?? [])),
    );
  }

  /** Whether it can be given another command. */
  get isFree(): boolean {
    return !this.#isOver && this.#current === null;
  }

  /**
   * @param args what follows `lossnet`
   * @param listener told what happens
   * @returns how the command ended
   */
  run(args: readonly string[], listener: CommandListener): Promise<Outcome> {
    return new Promise((finish) => {
      this.#current = { listener, finish, tail: [], code: null };
      this.#process.stdin?.write(`${JSON.stringify(args)}\n`);
    });
  }

  /** Asks a command that is under way to save and to end. Call it once: a second signal would end it without. */
  stop(): void {
    this.#process.kill('SIGTERM');
  }

  /** Lets it end when it has nothing more to do. */
  close(): void {
    this.#process.stdin?.end();
  }

  #read(line: string): void {
    const event = parse(line);
    if (event === null || this.#current === null) return;
    if (event.type === END_OF_COMMAND) this.#current.code = Number(event.code);
    else this.#current.listener.event(event);
    this.#finish();
  }

  #hear(line: string): void {
    const { tail, listener } = this.#current ?? {};
    if (tail === undefined || listener === undefined) return;
    tail.push(line);
    if (line !== END_OF_COMMAND) listener.message(line);
    this.#finish();
  }

  /** Both streams must have come to the command's end: what it wrote last may say why it failed. */
  #finish(): void {
    const { code, tail = [] } = this.#current ?? {};
    if (code == null || tail.at(-1) !== END_OF_COMMAND) return;
    const outcome = outcomeOf(code, null, tail.slice(0, -1));
    // Whatever went wrong there might go on doing so.
    if (outcome.status === 'failed') this.#retire();
    this.#end(outcome, this.#isOver);
  }

  #retire(): void {
    this.#isOver = true;
    this.close();
  }

  #end(outcome: Outcome, isOver = true): void {
    this.#isOver = isOver;
    this.#current?.finish(outcome);
    this.#current = null;
  }
}

function outcomeOf(code: number | null, signal: NodeJS.Signals | null, tail: readonly string[]): Outcome {
  switch (code) {
    case EXIT.done:
    case EXIT.unexpected:
      return { status: 'done' };
    case EXIT.diverged:
      return { status: 'diverged' };
    case EXIT.hungUp:
    case EXIT.interrupted:
    case EXIT.terminated:
      return { status: 'interrupted' };
    default:
      break;
  }
  if (signal === 'SIGTERM' || signal === 'SIGINT' || signal === 'SIGHUP') return { status: 'interrupted' };
  const how = signal === null ? `exit code ${code}` : `killed by ${signal}`;
  const hint = signal === 'SIGKILL' ? ', perhaps as the memory was full' : '';
  return { status: 'failed', reason: [`${how}${hint}`, ...tail.slice(-KEPT_LINES)].join('\n') };
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
