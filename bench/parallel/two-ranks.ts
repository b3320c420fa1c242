import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateShapes } from '../../src/train/data/sources/shapes/draw.js';
import { peakMemoryMb } from '../machine.js';
import { PATHS } from '../paths.js';

/** What is trained. */
export interface Setting {
  readonly model: 'tutorial' | 'resnet';
  readonly batch: number;
  readonly steps: number;
}

/** Medians over the rounds. */
export interface Figures {
  readonly imagesPerSecond: number;
  /** Share of the time in which rank 0 added up with the others or waited for them. */
  readonly waited: number | null;
  readonly peakMb: number | null;
  /** From the command to the first line of the training. */
  readonly startSeconds: number | null;
}

export const RANKS = 2;
/** The first warms up. */
export const EPOCHS = 3;
export const settings = (quick: boolean): Setting[] => [
  { model: 'tutorial', batch: 64, steps: quick ? 10 : 120 },
  { model: 'tutorial', batch: 256, steps: quick ? 4 : 40 },
  { model: 'resnet', batch: 32, steps: quick ? 2 : 20 },
];
/** Who is measured; `cores` is what the system lets it have. */
const KINDS = {
  'two ranks': { launch: true, cores: '0,1', threads: { intra: 1, inter: 1 } },
  'one process, two cores': { launch: false, cores: '0,1', threads: 'auto' },
  'one process, one core': { launch: false, cores: '0', threads: { intra: 1, inter: 1 } },
} as const;
type Kind = keyof typeof KINDS;
export const PEER = 'PyTorch DDP, gloo, two ranks';

/** A setting and its figures, by who was measured. */
export interface Result extends Setting {
  readonly figures: Readonly<Record<string, Figures>>;
}

/**
 * Measures a setting, all taking turns.
 *
 * @param setting what is trained
 * @param rounds how often
 * @param folder for runs and images
 * @param log told of each
 * @returns the medians
 */
export async function measureRanks(
  setting: Setting,
  rounds: number,
  folder: string,
  log: (text: string) => void,
): Promise<Result> {
  const all = new Map<string, Figures[]>();
  const add = (name: string, figures: Figures) => all.set(name, [...(all.get(name) ?? []), figures]);
  const python = process.env.BENCH_PYTHON ?? (existsSync(PATHS.python) ? PATHS.python : null);
  const images = join(folder, 'images.bin');
  if (python !== null) writeImages(images, setting.batch * setting.steps);
  for (let round = 0; round < rounds; round++) {
    for (const kind of Object.keys(KINDS) as Kind[]) {
      add(kind, await lossnet(kind, setting, folder));
      log(
        `${setting.model} ${setting.batch}, ${kind}: ${all.get(kind)!.at(-1)!.imagesPerSecond.toFixed(0)} images/s`,
      );
    }
    if (python !== null) add(PEER, ddp(python, setting, images));
  }
  const median = (values: (number | null)[]): number | null => {
    const known = values.filter((value) => value !== null).sort((a, b) => a - b);
    return known[Math.floor(known.length / 2)] ?? null;
  };
  const figures = [...all].map(([name, list]) => [
    name,
    {
      imagesPerSecond: median(list.map((each) => each.imagesPerSecond))!,
      waited: median(list.map((each) => each.waited)),
      peakMb: median(list.map((each) => each.peakMb)),
      startSeconds: median(list.map((each) => each.startSeconds)),
    },
  ]);
  return { ...setting, figures: Object.fromEntries(figures) };
}

/** Trains with the real program, on the cores that this kind may have. */
async function lossnet(kind: Kind, { model, batch, steps }: Setting, folder: string): Promise<Figures> {
  const { launch, cores, threads } = KINDS[kind];
  const values = [
    ...[`runs_dir=${folder}/runs`, `epochs=${EPOCHS}`, `loader.batch_size=${batch}`, 'evaluation.every=0'],
    ...[
      `dataset.train_size=${batch * steps}`,
      'checkpoint.monitor=train_loss',
      `threads=${JSON.stringify(threads)}`,
    ],
  ];
  const train = [
    'train',
    join(PATHS.models, `${model}.yaml`),
    ...values,
    '--name',
    'run',
    '--force',
    '--json',
  ];
  const args = launch ? ['launch', '-n', `${RANKS}`, '--', ...train] : train;
  const began = performance.now();
  const child = spawn('taskset', ['-c', cores, process.execPath, PATHS.lossnet, ...args], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let output = '';
  let startSeconds: number | null = null;
  let peakMb = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    startSeconds ??= (performance.now() - began) / 1000;
    output += text;
    peakMb = Math.max(peakMb, largestOf(child, launch));
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  if (code !== 0) throw new Error(`lossnet ${args.join(' ')} ended with ${code}`);
  const records = output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const epochs = records.filter(({ type }) => type === 'epoch');
  const summary = JSON.parse(readFileSync(join(folder, 'runs/run/summary.json'), 'utf8'));
  const trainSeconds = epochs.reduce((sum, { train_seconds }) => sum + train_seconds, 0);
  return {
    imagesPerSecond: epochs.at(-1).samples_per_second,
    waited: summary.parallel ? summary.parallel.waited_seconds / trainSeconds : null,
    peakMb,
    startSeconds,
  };
}

/** Of several processes the largest. */
function largestOf({ pid }: ChildProcess, launch: boolean): number {
  if (pid === undefined) return 0;
  if (!launch) return peakMemoryMb(pid) ?? 0;
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
  return Math.max(0, ...children.map((child) => peakMemoryMb(Number(child)) ?? 0));
}

function ddp(python: string, { model, batch, steps }: Setting, images: string): Figures {
  const peer = join(PATHS.peers, 'ddp_peer.py');
  const args = [model, batch, steps, EPOCHS, images].map(String);
  const run = ['-m', 'torch.distributed.run', '--standalone', '--nproc-per-node', `${RANKS}`, peer, ...args];
  const env = { ...process.env, OMP_NUM_THREADS: '1' };
  const output = execFileSync('taskset', ['-c', '0,1', python, ...run], {
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const { images_per_second: imagesPerSecond } = JSON.parse(output.trim().split('\n').at(-1)!);
  return { imagesPerSecond, waited: null, peakMb: null, startSeconds: null };
}

function writeImages(file: string, records: number): void {
  const { inputs, targets } = generateShapes({ seed: 0, split: 'train', size: records });
  const pixels = inputs.length / records;
  const bytes = Buffer.alloc(records * (pixels + 1));
  for (let i = 0; i < records; i++) {
    bytes[i * (pixels + 1)] = targets[i]!;
    bytes.set(inputs.subarray(i * pixels, (i + 1) * pixels) as Uint8Array, i * (pixels + 1) + 1);
  }
  writeFileSync(file, bytes);
}
