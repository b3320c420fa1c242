/**
 * Measures how well a tuned comparison uses the machine: the share of the matrix-multiply peak that all of
 * `lossnet compare --tune` reaches, from the start of the process to its end, beside that of a single run with large batches.
 *
 *     npm run bench:tune -- [images] [epochs]
 *
 * Run it on a machine that does nothing else.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { loadConfig, planRun } from '../src/config/index.js';
import { workPerSample } from '../src/train/model/work.js';
import { describeMachine } from './machine.js';
import { peak } from './measure.js';
import { PATHS } from './paths.js';
import { allPeers, REFERENCE } from './peers.js';

const CONFIG = join(PATHS.models, 'tutorial.yaml');
const VARIANTS = ['sgd', 'momentum', 'adam'];
const LARGE = 256;
/** A forward pass takes a third of a step. */
const FORWARD = 1 / 3;

interface Process {
  /** From the start of the process to its end. */
  readonly seconds: number;
  /** From the start to the first line that has the text; null: there was none. */
  readonly firstAt: number | null;
  /** From the last line of stdout that is JSON to the end. */
  readonly afterResults: number;
}

/** Runs the real program to its end, and watches what it prints. */
async function run(args: readonly string[], first: string): Promise<Process> {
  const began = performance.now();
  const now = () => (performance.now() - began) / 1000;
  let [firstAt, lastAt]: [number | null, number] = [null, 0];
  const child = spawn(process.execPath, [PATHS.lossnet, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  createInterface({ input: child.stdout }).on('line', (line) => {
    lastAt = now();
    if (line.includes(first)) firstAt ??= lastAt;
  });
  createInterface({ input: child.stderr }).on('line', (line) => {
    if (line.includes(first)) firstAt ??= now();
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`lossnet ${args.join(' ')}: exit code ${code}`);
  return { seconds: now(), firstAt, afterResults: now() - lastAt };
}

/** Samples a second of a run with large batches, once it is under way. */
async function single(name: string, folder: string, overrides: readonly string[]): Promise<number> {
  const args = ['train', CONFIG, '--quiet', '--name', name, `runs_dir=${folder}`, 'epochs=3'];
  await run([...args, `loader.batch_size=${LARGE}`, ...overrides], 'epoch');
  const rates = timings(join(folder, name)).map(({ samples_per_second }) => samples_per_second);
  return rates.slice(1).reduce((sum, rate) => sum + rate, 0) / (rates.length - 1);
}

/** None of a run that was lost in its first epoch. */
const timings = (path: string): Timing[] =>
  existsSync(join(path, 'timings.jsonl')) ? (lines(path, 'timings.jsonl') as Timing[]) : [];

interface Timing {
  readonly train_seconds: number;
  readonly samples_per_second: number;
}

const lines = (path: string, file: string): unknown[] =>
  readFileSync(join(path, file), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);

/** The folders of runs in a folder. */
const runsIn = (folder: string): string[] =>
  readdirSync(folder)
    .map((name) => join(folder, name))
    .filter((path) => existsSync(join(path, 'config.yaml')));

/** Samples that a run has trained on, and those that it was evaluated on by the work that they are. What it had lost is left out. */
function samplesOf(path: string): number {
  const trained = timings(path).map((timing) => timing.train_seconds * timing.samples_per_second);
  const [start] = lines(path, 'metrics.jsonl') as { eval: { records: number }; test?: { records: number } }[];
  const { status } = JSON.parse(readFileSync(join(path, 'summary.json'), 'utf8')) as { status: string };
  const tested = status === 'done' ? (start!.test?.records ?? 0) : 0;
  const evaluated = start!.eval.records * trained.length + tested;
  return trained.reduce((sum, samples) => sum + samples, 0) + FORWARD * evaluated;
}

async function main(): Promise<void> {
  const [images = 10_000, epochs = 9] = process.argv.slice(2).map(Number);
  const machine = describeMachine();
  if (machine.loadBefore > machine.cores / 4)
    log(`the machine is busy (load ${machine.loadBefore.toFixed(2)})`);
  const evaluated = Math.round(images / 10);
  const overrides = [
    `dataset.train_size=${images}`,
    `dataset.eval_size=${evaluated}`,
    'dataset.split={ by: random }',
  ];
  const work = workPerSample(planRun(loadConfig({ file: CONFIG, env: {} })).model.layers);
  const folder = mkdtempSync(join(os.tmpdir(), 'lossnet-bench-'));
  try {
    const reference = allPeers(false).find(({ name }) => name === REFERENCE)!;
    const gflops = await peak(reference.command({ model: 'tutorial', batch: LARGE, steps: 4 }, ''));
    log(`matrix-multiply peak: ${gflops.toFixed(0)} GFLOP/s`);

    // Before and after: the speed of a machine that others share changes within minutes.
    const before = await single('before', folder, overrides);
    const args = ['compare', ...VARIANTS, '--config', CONFIG, '--tune', 'lr', '--json', '--name', 'bench'];
    const rest = ['--max-runs', '100', `runs_dir=${folder}`, `epochs=${epochs}`, 'loader.batch_size=64'];
    const whole = await run([...args, ...rest, ...overrides], 'epoch 1');
    const after = await single('after', folder, overrides);
    const alone = (((before + after) / 2) * work) / 1e9;
    log(
      `a single run with batches of ${LARGE}: ${share(alone, gflops)} (before and after: ${[before, after].map((rate) => ((rate * work) / 1e9).toFixed(0)).join(', ')})`,
    );

    const own = join(folder, 'compare-bench');
    const [trials, finals] = [runsIn(join(own, 'trials')), runsIn(own)];
    const samples = [...trials, ...finals].reduce((sum, path) => sum + samplesOf(path), 0);
    const all = (samples * work) / whole.seconds / 1e9;
    log(
      `${trials.length} trials and ${finals.length} whole runs in ${whole.seconds.toFixed(1)} s: ${share(all, gflops)}`,
    );
    log(`of what the single run reaches: ${(all / alone).toFixed(2)} (goal: 0.80)`);
    log(`to the end of the first epoch of a trial: ${whole.firstAt?.toFixed(1) ?? '?'} s`);
    log(`report: ${whole.afterResults.toFixed(1)} s`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const share = (reached: number, gflops: number) =>
  `${reached.toFixed(0)} GFLOP/s, ${((100 * reached) / gflops).toFixed(0)} % of the peak`;

function log(text: string): void {
  process.stdout.write(`${text}\n`);
}

await main();
