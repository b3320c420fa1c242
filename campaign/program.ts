import { type ChildProcess, spawn } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { main, processIo } from './built.js';
import { PATHS } from './paths.js';

/** How a run of lossnet ended. */
export interface Outcome {
  /** What was run, as a shell would. */
  readonly command: string;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Whether it had to be ended, as it took too long. */
  readonly hangs: boolean;
  readonly stdout: string;
  readonly stderr: string;
  readonly seconds: number;
}

export interface RunOptions {
  readonly cwd: string;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** What the file system is to do, for test/faults/inject.mjs. */
  readonly faults?: object | undefined;
  /** How long it may take before it is taken to hang. */
  readonly patienceSeconds?: number;
  /** Called with the process once it runs. */
  readonly onStart?: (child: ChildProcess) => void;
}

/** Far more than anything that is run here takes, on a busy machine too. */
const PATIENCE_SECONDS = 120;

/** The variables that lossnet is to see: none that changes what it does. */
const INHERITED = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^(LOSSNET_(?!CACHE)|NO_COLOR|FORCE_COLOR|GITHUB_)/.test(name),
  ),
);

/** Runs the real program, as a shell would, and waits for its end. */
export async function runProgram(args: readonly string[], options: RunOptions): Promise<Outcome> {
  const { cwd, env = {}, faults, patienceSeconds = PATIENCE_SECONDS, onStart } = options;
  const injected = faults && {
    NODE_OPTIONS: `--import=${pathToFileURL(PATHS.inject).href}`,
    FAULTS: JSON.stringify(faults),
  };
  const began = performance.now();
  const child = spawn(process.execPath, [PATHS.lossnet, ...args], {
    cwd,
    env: { ...INHERITED, ...env, ...injected },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let hangs = false;
  const limit = setTimeout(() => {
    hangs = true;
    child.kill('SIGKILL');
  }, patienceSeconds * 1000);
  const text = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (chunk: string) => {
      text[stream] += chunk;
    });
  }
  onStart?.(child);
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (...end) => resolve(end));
  });
  clearTimeout(limit);
  const command = [...shown({ ...env, ...injected }), 'lossnet', ...args.map(quoted)].join(' ');
  return { command, code, signal, hangs, ...text, seconds: (performance.now() - began) / 1000 };
}

let io: ReturnType<typeof processIo> | undefined;

/**
 * Carries out a command line in this process: what the real program does, without its start.
 *
 * @param args the command line
 * @param env the environment variables that lossnet is to see
 * @param onOutput called with all that was written to stdout, whenever there is more of it
 */
export async function runMain(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  onOutput: (stdout: string) => void = () => {},
): Promise<Outcome> {
  io ??= processIo();
  const began = performance.now();
  const command = [...shown(env), 'lossnet', ...args.map(quoted)].join(' ');
  const text = { stdout: '', stderr: '' };
  const originals = { stdout: process.stdout.write, stderr: process.stderr.write };
  for (const name of ['stdout', 'stderr'] as const) {
    process[name].write = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
      text[name] += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
      if (name === 'stdout') onOutput(text.stdout);
      const written = rest.at(-1);
      if (typeof written === 'function') process.nextTick(written);
      return true;
    };
  }
  try {
    const code = await main(args, { ...io, env });
    const seconds = (performance.now() - began) / 1000;
    return { command, code, signal: null, hangs: false, ...text, seconds };
  } finally {
    process.stdout.write = originals.stdout;
    process.stderr.write = originals.stderr;
  }
}

const shown = (env: Readonly<Record<string, string>>) =>
  Object.entries(env).map(([name, value]) => `${name}=${quoted(value)}`);

function quoted(text: string): string {
  if (/^[\w./:=,@%+-]+$/.test(text)) return text;
  return /^[\x20-\x7e]*$/.test(text) ? `'${text.replaceAll("'", `'\\''`)}'` : `$${JSON.stringify(text)}`;
}
