import { type ChildProcess, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { onTestFinished } from 'vitest';

/** What loads TensorFlow, as it was built. */
export const MODULE = new URL('../../../../dist/train/backend/tensorflow.js', import.meta.url).href;

/** Loads TensorFlow as every command of lossnet does; what the user would see goes to stdout, one JSON per line. */
export const LOAD = `
  import { loadTensorFlow, tensorflowVersions } from '${MODULE}';
  const say = (line) => console.log(JSON.stringify(line));
  const started = performance.now();
  try {
    await loadTensorFlow((step) => say({ step }));
    say({ ...tensorflowVersions(), seconds: (performance.now() - started) / 1000 });
  } catch ({ code, message, remedy, stack }) {
    say(code ? { code, message, remedy } : { stack });
  }`;

/** Loads TensorFlow and uses it, without a word of its own. */
export const USE = `
  import { loadTensorFlow } from '${MODULE}';
  const tf = await loadTensorFlow();
  tf.matMul(tf.ones([64, 64]), tf.ones([64, 64])).dataSync();
  tf.conv2d(tf.ones([1, 8, 8, 3]), tf.ones([3, 3, 3, 4]), 1, 'same').dataSync();`;

export interface Line {
  step?: string;
  tfjs?: string;
  tensorflow?: string;
  seconds?: number;
  code?: string;
  message?: string;
  remedy?: string;
  stack?: string;
}

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  lines: Line[];
}

export interface Running {
  process: ChildProcess;
  ended: Promise<Ended>;
  /** resolves when a step's message starts so */
  step(start: string): Promise<void>;
}

/** Starts a node process of its own; the machine's settings for lossnet do not reach it. */
export function start(script: string, env: NodeJS.ProcessEnv): Running {
  const unset = {
    LOSSNET_CACHE: undefined,
    LOSSNET_LIBTENSORFLOW: undefined,
    TF_CPP_MIN_LOG_LEVEL: undefined,
  };
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    env: { ...process.env, NODE_OPTIONS: undefined, ...unset, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  const lines = () =>
    stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Line);
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code, signal) =>
      resolve({ code, signal, stdout, stderr, lines: stdout.startsWith('{') ? lines() : [] }),
    );
  });
  const step = (wanted: string) =>
    new Promise<void>((resolve, reject) => {
      child.stdout.on('data', () => {
        if (stdout.endsWith('\n') && lines().some((line) => line.step?.startsWith(wanted))) resolve();
      });
      ended.then(
        ({ stdout }) => reject(new Error(`It ended before "${wanted}": ${stdout} ${stderr}`)),
        reject,
      );
    });
  return { process: child, ended, step };
}

/** Runs a script to its end. */
export function run(script: string, env: NodeJS.ProcessEnv): Promise<Ended> {
  return start(script, env).ended;
}

/** A folder of its own for one test. */
export function temporaryFolder(): string {
  const folder = makeFolder();
  onTestFinished(() => removeFolder(folder));
  return folder;
}

/** A folder that lives as long as its maker wants. */
export function makeFolder(): string {
  return realpathSync(mkdtempSync(join(tmpdir(), 'lossnet native, ü-')));
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** A folder for PATH with nothing but the named programs. */
export function pathWith(...programs: string[]): string {
  const folder = join(temporaryFolder(), 'bin');
  mkdirSync(folder);
  for (const name of programs) {
    const file = (process.env.PATH ?? '')
      .split(delimiter)
      .map((entry) => join(entry, name))
      .find((candidate) => existsSync(candidate));
    if (file) symlinkSync(file, join(folder, name));
  }
  return folder;
}

/** The processes whose working folder is below `folder`, or was until it was removed. */
export function processesIn(folder: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readlinkSync(`/proc/${pid}/cwd`).startsWith(folder);
    } catch {
      return false;
    }
  });
}
