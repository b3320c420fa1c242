import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const BIN = new URL('../../bin/lossnet.js', import.meta.url).pathname;

export interface Result {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  cwd?: string;
  env?: Record<string, string>;
  /** Called with the process once it runs, and with all stdout whenever more of it came. */
  onStart?: (child: ChildProcess) => void;
  onOutput?: (stdout: string, child: ChildProcess) => void;
}

/** The environment, less what would change what the program does or prints. */
export function inheritedEnv(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(LOSSNET_(?!CACHE)|NO_COLOR|FORCE_COLOR|GITHUB_STEP_SUMMARY)/.test(name),
  );
  return Object.fromEntries(kept);
}

/** Runs the real program, as a shell would, and waits for its end. */
export function lossnet(args: string[], options: RunOptions = {}): Promise<Result> {
  return spawned(process.execPath, [], args, options);
}

/** The same by way of another program, such as one that enters another namespace of the kernel first. */
export function spawned(
  program: string,
  before: string[],
  args: string[],
  { cwd, env = {}, onStart, onOutput }: RunOptions = {},
): Promise<Result> {
  const child = spawn(program, [...before, BIN, ...args], {
    cwd,
    env: { ...inheritedEnv(), ...env },
  });
  onStart?.(child);
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
    onOutput?.(stdout, child);
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

/** A configuration that trains in a moment, with everything on that makes resuming hard. */
export const TINY = `epochs: 3
seed: 5
dataset: { type: shapes, train_size: 60, eval_size: 20 }
loader: { batch_size: 8 }
transforms:
  random_crop: { padding: 2 }
  random_flip: { p: 0.5 }
  normalize: { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] }
model:
  - { type: conv2d, out_channels: 4, kernel_size: 3, padding: 1 }
  - { type: batch_norm2d }
  - { type: relu }
  - { type: max_pool2d, kernel_size: 4 }
  - { type: dropout, p: 0.2 }
  - { type: flatten }
  - { type: linear, out_features: 10 }
optimizer: { type: adam, lr: 0.003 }
schedule: { type: cosine, interval: step }
log_every: 1
`;

/** A fresh folder with the given files; `tiny.yaml` unless told otherwise. */
export function workspace(files: Record<string, string> = { 'tiny.yaml': TINY }): string {
  const folder = mkdtempSync(join(tmpdir(), 'lossnet-cli-'));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}
