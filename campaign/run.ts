import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from './judge.js';
import { Lane } from './lanes.js';
import { type Options, readOptions, USAGE } from './options.js';
import { runProgram } from './program.js';
import { summary, writeFigures } from './report.js';
import { SCENARIOS } from './scenarios.js';
import { Tally } from './tally.js';
import type { Failure, Kind } from './trial.js';

/** Does to lossnet what users, disks and systems do, and looks for what it should not do then. */
async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  if (options === null) {
    process.stdout.write(USAGE);
    return 0;
  }
  const tally = new Tally(options.kinds);
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'lossnet-campaign-')));
  const began = performance.now();
  const count = options.trial === null ? options.lanes : 1;
  const lanes = Array.from({ length: count }, () => new Lane(folder));
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  const next = jobs(options, tally, stop.signal);
  try {
    await provide(folder);
    await Promise.all(lanes.map((lane) => work(lane, next, options, tally)));
  } finally {
    for (const lane of lanes) lane.stop();
    if (options.trial === null) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
  const seconds = (performance.now() - began) / 1000;
  process.stdout.write(summary(tally, options, seconds));
  if (options.trial !== null) process.stdout.write(`its folder: ${folder}\n`);
  if (options.write !== null && !stop.signal.aborted) writeFigures(options.write, tally, options, seconds);
  return tally.failures === 0 ? 0 : 1;
}

/** Lets the native library be provided, which takes minutes where it is not there yet, before anything is timed. */
async function provide(cwd: string): Promise<void> {
  writeFileSync(join(cwd, 'x.yaml'), SCENARIOS[0]!.yaml);
  const outcome = await runProgram(['train', 'x.yaml', '--dry-run'], { cwd, patienceSeconds: 3600 });
  if (outcome.code !== 0) throw new Error(`lossnet cannot train here: ${describe(outcome)}`);
}

/** Makes trials until there is nothing more to do. */
async function work(lane: Lane, next: Iterator<Next>, { seed, trial }: Options, tally: Tally): Promise<void> {
  for (let job = next.next(); !job.done; job = next.next()) {
    const { kind, number } = job.value;
    const started = performance.now();
    const result = await lane.run(
      { kind: kind.name, seed, trial: number, keep: trial !== null },
      kind.patienceSeconds,
    );
    const seconds = (performance.now() - started) / 1000;
    for (const failure of tally.add(kind.name, number, result, seconds)) show(failure, kind, seed, number);
  }
}

interface Next {
  readonly kind: Kind;
  readonly number: number;
}

/** What to try next: each kind so often, or for its share of the time. */
function* jobs(options: Options, tally: Tally, stop: AbortSignal): Generator<Next, void> {
  const { kinds, minutes, trial } = options;
  if (trial !== null) {
    yield { kind: kinds[0]!, number: trial };
    return;
  }
  const end = performance.now() + (minutes ?? 0) * 60_000;
  const begun = new Map(kinds.map((kind) => [kind, 0]));
  const urgency = (kind: Kind): number =>
    minutes === null ? begun.get(kind)! / kind.slice : (tally.of(kind.name).seconds + 0.01) / kind.share;
  while (!stop.aborted) {
    const open = kinds.filter((kind) => minutes !== null || begun.get(kind)! < kind.slice);
    // Each kind has its turn, however short the time is.
    const unheard = open.filter((kind) => begun.get(kind) === 0);
    if (open.length === 0 || (minutes !== null && performance.now() > end && unheard.length === 0)) return;
    const among = unheard.length > 0 ? unheard : open;
    const kind = among.reduce((first, other) => (urgency(other) < urgency(first) ? other : first));
    const number = begun.get(kind)! + 1;
    begun.set(kind, number);
    yield { kind, number };
  }
}

function show({ what, detail }: Failure, { name }: Kind, seed: number, trial: number): void {
  const again = `npm run campaign -- --only ${name} --seed ${seed} --trial ${trial}`;
  process.stdout.write(
    `FAILED ${name}, trial ${trial}: ${what}\n${detail.replace(/^/gm, '  ')}\n  again: ${again}\n\n`,
  );
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 2;
}
