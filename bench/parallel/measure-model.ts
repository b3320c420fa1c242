import { execFileSync, spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { PATHS } from '../paths.js';
import { median } from '../statistics.js';
import { Log } from '../trained.js';
import type { Situation, Way } from './model.js';
import { dataRate, Network } from './network.js';

/** What is trained, and with how many samples a rank's computing is measured. */
export interface Subject {
  readonly model: 'tutorial' | 'resnet';
  /** Of all ranks together. */
  readonly batch: number;
  readonly alone: readonly number[];
}

export const SUBJECTS: readonly Subject[] = [
  { model: 'tutorial', batch: 64, alone: [16, 32, 64, 256] },
  { model: 'resnet', batch: 32, alone: [8, 16, 32] },
];
/** Bits per second of a cable; null: not slowed down. */
export const RATES = [null, 1e9, 1e8] as const;
export const SIZES = [2, 4] as const;
export const WAYS: readonly Way[] = ['ring', 'ordered'];
/** Cores that all ranks share. */
export const CORES = 2;
const PORT = 7171;
/** The first warms up. */
const EPOCHS = 5;

/** Seconds that one process takes for a step on one core. */
export interface Computed {
  readonly model: Subject['model'];
  readonly samples: number;
  /** Alone on the machine, and while another does the same on the other core. */
  readonly alone: number;
  readonly beside: number;
}

/** Ranks that train together. */
interface Together {
  readonly model: Subject['model'];
  readonly batch: number;
  readonly ranks: number;
  readonly bitsPerSecond: number | null;
  readonly way: Way;
}

/** Bytes of their vector, and seconds of a step. */
interface Step {
  readonly bytes: number;
  readonly seconds: number;
}

export interface Carried extends Together, Step {}

/** @returns what a step that was measured is to the model */
export function situationOf({ way, ranks, batch, bytes, bitsPerSecond }: Carried): Situation {
  const link = { bytesPerSecond: dataRate(bitsPerSecond), latency: 0 };
  return { way, ranks, share: Math.max(1, ranks / CORES), batch, bytes, link };
}

interface Entry<T> {
  readonly name: string;
  readonly found: T;
}

/**
 * Measures what the model is made of and held against. What was measured for the same src/train is not measured again.
 *
 * @param folder for runs
 * @param log told of each
 * @returns what computing takes, and what steps of several take
 */
export async function measureModel(
  folder: string,
  log: (text: string) => void,
): Promise<{ computed: Computed[]; carried: Carried[] }> {
  const known = new Log<Entry<unknown>>(join(PATHS.campaigns, 'parallel-model.jsonl'));
  const source = sourceOf();
  async function once<T>(name: string, measure: () => Promise<T>): Promise<T> {
    const full = `${source} ${name}`;
    const before = known.get(full) as Entry<T> | undefined;
    if (before) return before.found;
    const found = await measure();
    known.add({ name: full, found });
    log(`${name}: ${JSON.stringify(found)}`);
    return found;
  }
  const computed: Computed[] = [];
  const carried: Carried[] = [];
  for (const { model, batch, alone } of SUBJECTS) {
    for (const samples of alone) {
      const entry = await once(`${model} ${samples}`, async () => {
        const one = await single(model, samples, 0, folder);
        const two = await Promise.all([0, 1].map((core) => single(model, samples, core, folder)));
        return { alone: one, beside: (two[0]! + two[1]!) / 2 };
      });
      computed.push({ model, samples, ...entry });
    }
    for (const ranks of SIZES) {
      for (const bitsPerSecond of RATES) {
        for (const way of WAYS) {
          const name = `${model} ${way} ${ranks} ${bitsPerSecond ?? 'unlimited'}`;
          const one = { model, batch, ranks, bitsPerSecond, way };
          carried.push({ ...one, ...(await once(name, () => together(one, folder))) });
        }
      }
    }
  }
  return { computed, carried };
}

/** Steps of one epoch: enough of short ones, few of long ones. */
function stepsOf(model: Subject['model'], bitsPerSecond: number | null): number {
  if (model === 'tutorial') return 40;
  return bitsPerSecond === 1e8 ? 1 : 2;
}

/** A rank of a group of one: it computes, reads and writes gradients as one of several does, and adds up with nobody. */
async function single(
  model: Subject['model'],
  samples: number,
  core: number,
  folder: string,
): Promise<number> {
  const steps = stepsOf(model, null);
  const args = trainArgs({ model, batch: samples, steps, name: `core${core}`, parts: null }, folder);
  await rank(['taskset', '-c', `${core}`], args, [`127.0.0.1:${PORT}`], 0);
  return secondsOf(join(folder, 'runs', `core${core}`), samples);
}

async function together(
  { model, batch, ranks, bitsPerSecond, way }: Together,
  folder: string,
): Promise<Step> {
  const network = new Network(ranks);
  try {
    network.slow(bitsPerSecond);
    const hosts = Array.from({ length: ranks }, (_, i) => `${network.address(i)}:${PORT}`);
    const steps = stepsOf(model, bitsPerSecond);
    const parts = way === 'ordered' ? ranks : null;
    const args = trainArgs({ model, batch, steps, name: 'several', parts }, folder);
    const cores = ['taskset', '-c', Array.from({ length: CORES }, (_, i) => i).join(',')];
    await Promise.all(hosts.map((_, i) => rank([...network.on(i), ...cores], args, hosts, i)));
    const run = join(folder, 'runs', 'several');
    return { bytes: bytesOf(run), seconds: secondsOf(run, batch) };
  } finally {
    network.close();
  }
}

function trainArgs(
  run: { model: string; batch: number; steps: number; name: string; parts: number | null },
  folder: string,
): string[] {
  const { model, batch, steps, name, parts } = run;
  rmSync(join(folder, 'runs', name), { recursive: true, force: true });
  return [
    ...['train', join(PATHS.models, `${model}.yaml`), '--parallel', '--name', name, '--quiet'],
    ...[`runs_dir=${folder}/runs`, `epochs=${EPOCHS}`, `loader.batch_size=${batch}`, 'evaluation.every=0'],
    ...[`dataset.train_size=${batch * steps}`, 'dataset.eval_size=10', 'checkpoint.monitor=train_loss'],
    ...['threads={intra: 1, inter: 1}', `parallel={parts: ${parts}}`],
  ];
}

/** One process of a group. */
async function rank(
  before: string[],
  args: string[],
  hosts: readonly string[],
  index: number,
): Promise<void> {
  const [program = '', ...first] = [...before, process.execPath, PATHS.lossnet, ...args];
  const TF_CONFIG = JSON.stringify({ cluster: { worker: hosts }, task: { type: 'worker', index } });
  const child = spawn(program, first, {
    env: { ...process.env, TF_CONFIG },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const kill = (): void => void child.kill();
  process.once('exit', kill);
  const code = await new Promise((resolve) => child.on('close', resolve));
  process.off('exit', kill);
  if (code !== 0) throw new Error(`rank ${index} of ${hosts.length} ended with ${code}: ${said}`);
}

/** The median of the epochs after the first. */
function secondsOf(run: string, batch: number): number {
  const lines = readFileSync(join(run, 'timings.jsonl'), 'utf8').trim().split('\n').slice(1);
  return median(lines.map((line) => batch / JSON.parse(line).samples_per_second));
}

/** Four for each number that a part consists of: the gradients are most of them. */
function bytesOf(run: string): number {
  return 4 * JSON.parse(readFileSync(join(run, 'summary.json'), 'utf8')).parameters;
}

/** What says whether something would be measured the same. */
function sourceOf(): string {
  const git = (...args: string[]) =>
    execFileSync('git', args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      cwd: PATHS.bench,
    }).trim();
  try {
    return `${git('rev-parse', '--short', 'HEAD:src/train')}${git('status', '--porcelain', '--', ':/src/train') && ' changed'}`;
  } catch {
    return 'no checkout';
  }
}
