import os from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { busySeconds } from './machine.js';
import type { Peer } from './peers.js';
import { REFERENCE } from './peers.js';
import type { Cell } from './results.js';
import type { Setting } from './settings.js';
import { type Command, Worker } from './worker.js';

export interface MeasureOptions {
  readonly setting: Setting;
  readonly peers: readonly Peer[];
  /** How often each peer is measured. */
  readonly rounds: number;
  /** File with images for peers that read them. */
  readonly images: string;
  readonly log: (message: string) => void;
}

export interface Measured {
  readonly cell: Cell;
  readonly versions: Readonly<Record<string, string>>;
  /** What failed, by the peer's name. */
  readonly failed: Readonly<Record<string, string>>;
}

// Threads that wait for more work spin for some milliseconds before they sleep: not at the next peer's expense.
const REST_MS = 100;

/**
 * Measures one setting: all peers are started and warmed up, then take turns, A B C A B C, one computing at a time. A
 * machine that is slower for a while is so for all of them. Each is a process of its own for this setting alone, so
 * that its peak memory is this setting's.
 *
 * @param options what to measure
 * @returns milliseconds per step in every round, peak memory, and the machine's matrix-multiply peak in lossnet's process
 */
export async function measure({ setting, peers, rounds, images, log }: MeasureOptions): Promise<Measured> {
  const workers = new Map<string, Worker>();
  const results: Record<string, { ms: number[]; memoryMb: number | null }> = {};
  const failed: Record<string, string> = {};
  let versions: Record<string, string> = {};
  const shares: (number | null)[] = [];
  let gflops: number | null = null;

  const attempt = async (name: string, action: () => Promise<void>) => {
    try {
      await action();
    } catch (error) {
      failed[name] = (error as Error).message;
      log(`  ${name}: ${failed[name]}`);
      await workers.get(name)?.stop();
      workers.delete(name);
      delete results[name]; // Rounds must stay in step with those of the others.
    }
  };

  try {
    for (const peer of peers) {
      await attempt(peer.name, async () => {
        const { worker, ready } = await Worker.start(peer.command(setting, images));
        workers.set(peer.name, worker);
        versions = { ...versions, ...ready.versions };
        const { ms } = await worker.ask('run'); // The first epoch compiles and warms up, and does not count.
        log(`  ${peer.name}: ready (${ms.toFixed(1)} ms per step)`);
        results[peer.name] = { ms: [], memoryMb: null };
      });
    }
    for (let round = 0; round < rounds; round++) {
      for (const [name, worker] of [...workers]) {
        await attempt(name, async () => {
          await sleep(REST_MS);
          const { ms, others } = await timed(worker);
          results[name]!.ms.push(ms);
          shares.push(others);
        });
      }
      log(`  round ${round + 1}/${rounds}`);
    }
    for (const [name, worker] of workers) results[name]!.memoryMb = worker.peakMemoryMb;
    const reference = peers.find(({ name }) => name === REFERENCE);
    if (reference) gflops = await peak(reference.command(setting, images));
  } finally {
    for (const worker of workers.values()) await worker.stop();
  }
  return { cell: { ...setting, gflops, others: mean(shares), peers: results }, versions, failed };
}

/** Multiplies large matrices in a process of its own, in which all cores share an op, whatever the step does best with. */
export async function peak({ file, args, env }: Command): Promise<number> {
  const threads = { TF_NUM_INTRAOP_THREADS: `${os.availableParallelism()}`, TF_NUM_INTEROP_THREADS: '1' };
  const { worker } = await Worker.start({ file, args, env: { ...env, ...threads } });
  try {
    return (await worker.ask('peak')).gflops;
  } finally {
    await worker.stop();
  }
}

/**
 * Trains an epoch, and watches the machine meanwhile.
 *
 * @param worker who trains
 * @returns milliseconds per step, and the share of the cores that other processes used; null where the system does not tell
 */
async function timed(worker: Worker): Promise<{ ms: number; others: number | null }> {
  const [own, busy, started] = [worker.usedSeconds, busySeconds(), performance.now()];
  const { ms } = await worker.ask('run');
  const seconds = (performance.now() - started) / 1000;
  const used = worker.usedSeconds;
  if (own === null || used === null) return { ms, others: null };
  const others = busySeconds() - busy - (used - own);
  return { ms, others: others / (seconds * os.availableParallelism()) };
}

/** Clocks tick in hundredths of a second: one share tells little, and may be below 0; their mean is good. */
function mean(shares: readonly (number | null)[]): number | null {
  if (shares.length === 0 || shares.includes(null)) return null;
  return Math.max(shares.reduce<number>((sum, share) => sum + share!, 0) / shares.length, 0);
}
