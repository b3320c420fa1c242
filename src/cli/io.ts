import { type Style, styleFor } from './ui/style.js';

/** Where the program writes. Results go to stdout; progress, notes and errors to stderr. */
export interface Io {
  readonly env: NodeJS.ProcessEnv;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  /** Colours of stdout and of stderr. */
  readonly style: { readonly out: Style; readonly err: Style };
  /** Writes a line of the result. */
  print(line: string): void;
  /** Writes a line of the log. */
  log(line: string): void;
}

/** Writes a line of the log that is shown however little is asked for. */
export function warn({ log, style }: Pick<Io, 'log' | 'style'>, text: string): void {
  log(`${style.err.yellow('warning')}: ${text}`);
}

export function processIo(): Io {
  const { env, stdout, stderr } = process;
  // Whoever reads may stop reading, as `head` does, or a disk be full: no reason to crash. A run listens for
  // itself, and stops; what else is written goes nowhere.
  for (const stream of [stdout, stderr]) stream.on('error', () => {});
  // On a terminal a bar may stand on the line: it goes, and is drawn again below.
  const clear = stderr.isTTY && env.TERM !== 'dumb' ? '\r\u001b[K' : '';
  return {
    env,
    stdout,
    stderr,
    style: { out: styleFor(stdout, env), err: styleFor(stderr, env) },
    print: (line) => void stdout.write(`${stdout.isTTY ? clear : ''}${line}\n`),
    log: (line) => void stderr.write(`${clear}${line}\n`),
  };
}
