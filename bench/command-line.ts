import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PATHS } from './paths.js';
import type { Peer } from './peers.js';
import type { CommandLineResult } from './results.js';
import { Worker } from './worker.js';

const CONFIG = join(PATHS.models, 'tutorial.yaml');
const BATCH = 64;
const EVALUATED = 10_000;

/**
 * Measures what a user waits for: the real program on the tutorial's CNN, batches of 64, from outside.
 *
 * @param reference lossnet's graph as a peer, which tells how long it compiles
 * @param rounds how often
 * @param quick whether a check is enough: then on few images
 * @returns seconds to the first step, seconds of compiling, images per second and seconds of an evaluation
 */
export async function measureCommandLine(
  reference: Peer,
  rounds: number,
  quick: boolean,
): Promise<CommandLineResult> {
  const [trained, evaluated] = quick ? [256, 500] : [5_000, EVALUATED];
  const firstStepSeconds: number[] = [];
  const compileSeconds: number[] = [];
  const imagesPerSecond: number[] = [];
  const evalSeconds: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const first = await train('step', ['log_every=1', 'loader.limit=128', 'evaluation.limit=256']);
    firstStepSeconds.push(first.seconds);
    compileSeconds.push(await compiling(reference));
    // The last of two epochs: TensorFlow still settles in during the first.
    const sizes = [`dataset.train_size=${trained}`, `dataset.eval_size=${evaluated}`];
    const { record } = await train('epoch', ['epochs=2', ...sizes]);
    imagesPerSecond.push(record.samples_per_second as number);
    evalSeconds.push((record.eval_seconds as number) * (EVALUATED / evaluated));
  }
  return { firstStepSeconds, compileSeconds, imagesPerSecond, evalSeconds };
}

interface Seen {
  /** From the start of the process to the first record of the kind. */
  readonly seconds: number;
  /** The last record of the kind. */
  readonly record: Readonly<Record<string, unknown>>;
}

/** Runs `lossnet train` to its end, and watches its records of one kind. */
async function train(kind: 'step' | 'epoch', overrides: readonly string[]): Promise<Seen> {
  const runs = mkdtempSync(join(tmpdir(), 'lossnet-bench-'));
  try {
    const args = ['train', CONFIG, '--json', `loader.batch_size=${BATCH}`, `runs_dir=${runs}`, ...overrides];
    const started = performance.now();
    const child = spawn(process.execPath, [PATHS.lossnet, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    let seen: Seen | undefined;
    for await (const line of createInterface({ input: child.stdout })) {
      const record = JSON.parse(line) as Record<string, unknown>;
      if (record.type !== kind) continue;
      seen = { seconds: seen?.seconds ?? (performance.now() - started) / 1000, record };
    }
    const code = await ended;
    if (code !== 0 || !seen) throw new Error(`lossnet ${args.join(' ')}: exit code ${code}`);
    return seen;
  } finally {
    rmSync(runs, { recursive: true, force: true });
  }
}

/** Seconds of building the graph, and of the first step beyond what a step takes. */
async function compiling(reference: Peer): Promise<number> {
  const { worker, ready } = await Worker.start(
    reference.command({ model: 'tutorial', batch: BATCH, steps: 4 }, ''),
  );
  try {
    const { ms } = await worker.ask('run');
    return (ready.buildMs! + Math.max(ready.firstStepMs! - ms, 0)) / 1000;
  } finally {
    await worker.stop();
  }
}
