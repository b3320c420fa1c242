import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { generateShapes } from '../src/train/data/sources/shapes/draw.js';
import { describeMachine, peakMemoryMb } from './machine.js';
import { PATHS } from './paths.js';

const USAGE = `Usage: npm run bench:parallel -- [options]

  --quick      few steps, to see that it works; the results go to bench/.quick
  --rounds N   how often each is measured, taking turns (default 5, quick 1)
  --help

Two ranks of one core each against one process with two cores, one process with one core, and PyTorch's
DistributedDataParallel over gloo with two ranks of one thread each (BENCH_PYTHON names a Python that has it).
Run it on a machine that does nothing else.
`;

/** What is trained. */
interface Setting {
  readonly model: 'tutorial' | 'resnet';
  readonly batch: number;
  readonly steps: number;
}

/** Medians over the rounds. */
interface Figures {
  readonly imagesPerSecond: number;
  /** Share of the time in which rank 0 added up with the others or waited for them. */
  readonly waited: number | null;
  readonly peakMb: number | null;
  /** From the command to the first line of the training. */
  readonly startSeconds: number | null;
}

const RANKS = 2;
/** The first warms up. */
const EPOCHS = 3;
const SETTINGS = (quick: boolean): Setting[] => [
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
const PEER = 'PyTorch DDP, gloo, two ranks';

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return void process.stdout.write(USAGE);
  const { quick } = values;
  const rounds = Number(values.rounds ?? (quick ? 1 : 5));
  if (!(Number.isInteger(rounds) && rounds > 0))
    throw new Error(`--rounds ${values.rounds}: not a number above 0`);
  const machine = describeMachine();
  if (machine.cores < RANKS)
    throw new Error(`two ranks of one core each need two cores, and this machine has ${machine.cores}`);
  const folder = mkdtempSync(join(os.tmpdir(), 'lossnet-ranks-'));
  try {
    const results = [];
    for (const setting of SETTINGS(quick)) results.push(await measure(setting, rounds, folder));
    const text = report(results, machine.cpu, machine.cores);
    process.stdout.write(text);
    const target = quick ? PATHS.quick : PATHS.bench;
    mkdirSync(target, { recursive: true });
    writeFileSync(
      join(target, 'parallel.json'),
      `${JSON.stringify({ machine, rounds, results }, null, 2)}\n`,
    );
    writeFileSync(join(target, 'PARALLEL.md'), text);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Result extends Setting {
  readonly figures: Readonly<Record<string, Figures>>;
}

async function measure(setting: Setting, rounds: number, folder: string): Promise<Result> {
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

function report(results: readonly Result[], cpu: string, cores: number): string {
  const rows = results.flatMap(({ model, batch, figures }) => {
    const speed = (name: string) => figures[name]?.imagesPerSecond ?? null;
    const own = speed('two ranks')!;
    const ratio = (other: number | null) => (other === null ? '-' : (own / other).toFixed(2));
    const one = speed('one process, one core');
    const { waited, peakMb, startSeconds } = figures['two ranks']!;
    return `| ${model} | ${batch} | ${own.toFixed(0)} | ${ratio(one && RANKS * one)} | ${ratio(speed('one process, two cores'))} | ${ratio(speed(PEER))} | ${((waited ?? 0) * 100).toFixed(0)} % | ${peakMb?.toFixed(0)} MB | ${startSeconds?.toFixed(1)} s |`;
  });
  return `# Two ranks on one machine

${cpu}, ${cores} cores. Medians of images per second in the last of ${EPOCHS} epochs; written by \`npm run bench:parallel\`.

| model | batch | two ranks, images/s | of twice one rank alone | of one process with two cores | of PyTorch DDP over gloo | adding up and waiting | peak memory per rank | to the first line |
| ----- | ----- | ------------------- | ----------------------- | ----------------------------- | ------------------------ | --------------------- | -------------------- | ----------------- |
${rows.join('\n')}
`;
}

function log(text: string): void {
  process.stderr.write(`${text}\n`);
}

await main();
