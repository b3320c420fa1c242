import { setImmediate as nextTurn } from 'node:timers/promises';
import { printableStyled } from '../base/printable.js';
import { fitted } from './ui/fitted.js';
import { isDumb, type Style, styleFor } from './ui/style.js';

/** Where the program writes. Results go to stdout; progress, notes and errors to stderr. */
export interface Io {
  readonly env: NodeJS.ProcessEnv;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  /** Colours of stdout and of stderr. */
  readonly style: { readonly out: Style; readonly err: Style };
  /** Whether stderr is a terminal on which what is drawn can be drawn over. */
  readonly isLive: boolean;
  /** Writes a line of the result. Nothing of it can steer a terminal but colours; JSON comes from `jsonLine`. */
  print(line: string): void;
  /** Writes a sentence of the result, as safely: on a terminal that is narrower it is broken between words. @param hang see `fitted` */
  say(line: string, hang?: number): void;
  /** Writes a line of the log, as safely, broken likewise. @param hang see `fitted` */
  log(line: string, hang?: number): void;
  /**
   * Waits until all results are written.
   *
   * @returns why some could not be; null when all were, or when whoever reads had enough, as `head` has
   */
  written(): Promise<Error | null>;
}

/** Writes a line of the log that is shown however little is asked for. */
export function warn({ log, style }: Pick<Io, 'log' | 'style'>, text: string): void {
  log(`${style.err.yellow('warning')}: ${text}`);
}

export function processIo(): Io {
  const { env, stdout, stderr } = process;
  // Whoever reads may stop reading, as `head` does, or a disk be full: no reason to crash. A run listens for
  // itself, and stops; what else is written goes nowhere, which is said at the end.
  let lost: Error | null = null;
  stderr.on('error', () => {});
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') lost ??= error;
  });
  // On a terminal a bar may stand on the line: it goes, and is drawn again below.
  const isLive = stderr.isTTY === true && !isDumb(env);
  const clear = isLive ? '\r\u001b[K' : '';
  const print = (line: string): void =>
    void stdout.write(`${stdout.isTTY ? clear : ''}${printableStyled(line)}\n`);
  return {
    env,
    stdout,
    stderr,
    isLive,
    style: { out: styleFor(stdout, env), err: styleFor(stderr, env) },
    print,
    say: (line, hang) => print(fitted(printableStyled(line), stdout, hang)),
    log: (line, hang) => void stderr.write(`${clear}${fitted(printableStyled(line), stderr, hang)}\n`),
    async written() {
      // Told once all before it is written, or has failed; the error event comes right after.
      await new Promise((resolve) => stdout.write('', resolve));
      await nextTurn();
      return lost;
    },
  };
}
