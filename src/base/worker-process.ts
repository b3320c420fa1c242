import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

/** What a worker is asked for, and what it answers: a union of such, told apart by their type. */
export interface Message {
  readonly type: string;
}

/**
 * How messages travel. ipc: over the channel of a process that was forked, where serialization `advanced` lets numbers through that
 * JSON does not have. lines: a line of JSON each, over stdin and stdout, as a program in any language can speak.
 */
export type Framing = 'ipc' | 'lines';

/** The end of a process that still had to answer. */
export interface Gone {
  readonly type: 'gone';
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Why it was not even started; null: it was. */
  readonly error: Error | null;
  /** The last lines that it wrote to stderr since it was asked. */
  readonly lines: readonly string[];
}

export interface Listener<Response> {
  /** Each answer, the last one too. Default: there is but the last one, and another is an error. */
  readonly answer?: (response: Response) => void;
  /** Each line that the process writes to stderr, such as TensorFlow's. */
  readonly line?: (line: string) => void;
}

/** Lines of stderr that are kept to say why a process ended. */
const KEPT_LINES = 10;

/** What is under way. */
interface Work<Response> {
  readonly last: string;
  readonly finish: (end: Response | Gone) => void;
  readonly fail: (error: Error) => void;
}

/** A process that carries out requests, one after another, and answers each by one message or by several. */
export class WorkerProcess<Request extends Message, Response extends Message> {
  readonly #lastLines: string[] = [];
  /** Also hears what comes on stderr later than the last answer. */
  #listener: Listener<Response> = {};
  #work: Work<Response> | null = null;
  #gone: Gone | null = null;
  #isClosed = false;

  /**
   * @param child just started, its stderr a pipe; with `lines`, its stdin and stdout too
   * @param framing how it is spoken to
   */
  constructor(
    private readonly child: ChildProcess,
    private readonly framing: Framing,
  ) {
    // One that cannot be started for want of files or memory has no streams.
    const { stdin, stdout, stderr } = child;
    if (stderr) createInterface({ input: stderr }).on('line', (line) => this.#hear(line));
    if (framing === 'ipc') child.on('message', (response: Response) => this.#read(response));
    else if (stdout) createInterface({ input: stdout }).on('line', (line) => this.#readLine(line));
    // What could not be told to a process that has ended, its end says.
    stdin?.on('error', () => {});
    child.on('error', (error) => this.#end({ code: null, signal: null, error }));
    child.on('close', (code, signal) => this.#end({ code, signal, error: null }));
  }

  /** Its number; undefined: it was not started. */
  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Whether it is under way with something. */
  get isBusy(): boolean {
    return this.#work !== null;
  }

  /** Whether it can be asked for something. */
  get isFree(): boolean {
    return !this.#isClosed && this.#gone === null && !this.isBusy;
  }

  /**
   * Asks for something, of a process that has nothing else to do.
   *
   * @param request what to do; null: nothing, its answer comes by itself, as that it is ready
   * @param last the type of the answer that ends it
   * @param listener told what happens
   * @returns that answer, or how the process ended without it
   * @throws Error when what it says is no message, or another than there can be
   */
  ask<T extends Response['type']>(
    request: Request | null,
    last: T,
    listener: Listener<Response> = {},
  ): Promise<Extract<Response, { readonly type: T }> | Gone> {
    if (this.#gone !== null) return Promise.resolve(this.#gone);
    return new Promise((finish, fail) => {
      this.#listener = listener;
      this.#work = { last, finish: finish as Work<Response>['finish'], fail };
      this.#lastLines.length = 0;
      if (request !== null) this.send(request);
    });
  }

  /** Tells it something that has no answer of its own, also while it is under way. */
  send(request: Request): void {
    if (this.framing === 'lines') this.child.stdin?.write(`${JSON.stringify(request)}\n`);
    else if (this.child.connected) this.child.send(request, () => {});
  }

  /** Lets it end when it has nothing more to do. */
  close(): void {
    this.#isClosed = true;
    if (this.framing === 'lines') this.child.stdin?.end();
    else if (this.child.connected) this.child.disconnect();
  }

  /** Ends it at once, and waits for its end. */
  async kill(): Promise<void> {
    if (this.pid === undefined || this.#gone !== null) return;
    const ended = new Promise((resolve) => this.child.once('close', resolve));
    this.child.kill('SIGKILL');
    await ended;
  }

  #readLine(line: string): void {
    let response: Response;
    try {
      response = JSON.parse(line) as Response;
    } catch {
      this.#fail(`said what is no message: ${line}`);
      return;
    }
    this.#read(response);
  }

  #read(response: Response): void {
    const work = this.#work;
    if (work === null) return;
    const isLast = response.type === work.last;
    if (!isLast && this.#listener.answer === undefined) {
      this.#fail(`answered ${response.type}, where ${work.last} was to come`);
      return;
    }
    if (isLast) this.#work = null;
    this.#listener.answer?.(response);
    if (isLast) work.finish(response);
  }

  #fail(message: string): void {
    const work = this.#work;
    this.#work = null;
    work?.fail(new Error(message));
  }

  #hear(line: string): void {
    this.#lastLines.push(line);
    if (this.#lastLines.length > KEPT_LINES) this.#lastLines.shift();
    this.#listener.line?.(line);
  }

  #end(how: Pick<Gone, 'code' | 'signal' | 'error'>): void {
    this.#gone ??= { type: 'gone', ...how, lines: [...this.#lastLines] };
    const work = this.#work;
    this.#work = null;
    work?.finish(this.#gone);
  }
}
