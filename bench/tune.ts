/**
 * Measures how well a tuned comparison uses the machine: the share of the matrix-multiply peak that all of
 * `lossnet compare --tune` reaches, from the start of the process to its end, beside that of a single run with large batches.
 *
 *     npm run bench:tune -- [images] [epochs]
 *
 * Run it on a machine that does nothing else.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
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

interface Tuned {
  readonly results: {
    readonly tuning: {
      readonly final_seeds: readonly number[];
      readonly variants: readonly {
        readonly trials: readonly { readonly epochs: number; readonly status: string }[];
      }[];
    };
  };
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

    const one = ['train', CONFIG, '--quiet', '--name', 'one', `runs_dir=${folder}`, 'epochs=2'];
    await run([...one, `loader.batch_size=${LARGE}`, ...overrides], 'epoch');
    const timings = readFileSync(join(folder, 'one/timings.jsonl'), 'utf8').trim().split('\n');
    const last = JSON.parse(timings.at(-1)!) as { samples_per_second: number };
    const alone = (last.samples_per_second * work) / 1e9;
    log(`a single run with batches of ${LARGE}: ${share(alone, gflops)}`);

    const args = ['compare', ...VARIANTS, '--config', CONFIG, '--tune', 'lr', '--json', '--name', 'bench'];
    const rest = ['--max-runs', '100', `runs_dir=${folder}`, `epochs=${epochs}`, 'loader.batch_size=64'];
    const whole = await run([...args, ...rest, ...overrides], 'epoch 1');
    const record = JSON.parse(readFileSync(join(folder, 'compare-bench/compare.json'), 'utf8')) as Tuned;
    const { tuning } = record.results;
    const finals = tuning.variants.length * tuning.final_seeds.length;
    const trials = tuning.variants.flatMap((variant) => variant.trials);
    const trained = trials.reduce((sum, trial) => sum + trial.epochs, 0) + finals * epochs;
    const tested = finals + trials.filter(({ status }) => status === 'done').length;
    // A tenth is held out of the training part to choose by.
    const samples = trained * images * 0.9 + FORWARD * (trained * images * 0.1 + tested * evaluated);
    const all = (samples * work) / whole.seconds / 1e9;
    log(
      `${trials.length} trials and ${finals} whole runs in ${whole.seconds.toFixed(1)} s: ${share(all, gflops)}`,
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
