import os from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { busySeconds, type Machine } from './machine.js';
import type { Peer } from './peers.js';
import { REFERENCE } from './peers.js';
import type { Cell, PeerResult } from './results.js';
import type { Setting } from './settings.js';
import { type Command, Worker } from './worker.js';

export interface MeasureOptions {
  readonly setting: Setting;
  readonly peers: readonly Peer[];
  /** How often each peer is measured. */
  readonly rounds: number;
  /** Folder of the samples. */
  readonly samples: string;
  readonly machine: Machine;
  readonly log: (message: string) => void;
}

export interface Measured {
  readonly cell: Cell;
  readonly versions: Readonly<Record<string, string>>;
  /** What failed, by the peer's name. */
  readonly failed: Readonly<Record<string, string>>;
}

/** While it is measured. */
type Measurable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] | undefined ? E[] : T[K] };

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
export async function measure(options: MeasureOptions): Promise<Measured> {
  const { setting, peers, rounds, samples, machine, log } = options;
  const workers = new Map<string, Worker>();
  const results: Record<string, Measurable<PeerResult>> = {};
  const failed: Record<string, string> = {};
  let versions: Record<string, string> = {};
  const shares: (number | null)[] = [];
  let [gflops, flops]: [number | null, number | null] = [null, null];

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
        const { worker, ready } = await Worker.start(peer.command(setting, samples));
        workers.set(peer.name, worker);
        versions = { ...versions, ...ready.versions };
        const { ms } = await worker.ask('run'); // The first epoch compiles and warms up, and does not count.
        log(`  ${peer.name}: ready (${ms.toFixed(1)} ms per step)`);
        results[peer.name] = { ms: [], memoryMb: null, loadedMb: ready.loadedMb ?? null };
        if (peer.name === REFERENCE) flops = ready.flops ?? null;
      });
    }
    for (let round = 0; round < rounds; round++) {
      for (const [name, worker] of [...workers]) {
        await attempt(name, async () => {
          await sleep(REST_MS);
          const { ms, waitedMs, others } = await timed(worker);
          const result = results[name]!;
          result.ms.push(ms);
          if (waitedMs !== undefined) result.waitedMs = [...(result.waitedMs ?? []), waitedMs];
          shares.push(others);
        });
      }
      log(`  round ${round + 1}/${rounds}`);
    }
    for (const [name, worker] of workers) results[name]!.memoryMb = worker.peakMemoryMb;
    const reference = peers.find(({ name }) => name === REFERENCE);
    if (reference) gflops = await peak(reference.command(setting, samples));
  } finally {
    for (const worker of workers.values()) await worker.stop();
  }
  const { date, commit } = { date: new Date().toISOString(), commit: machine.commit };
  const cell = { ...setting, date, commit, flops, gflops, others: mean(shares), peers: results };
  return { cell, versions, failed };
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
async function timed(
  worker: Worker,
): Promise<{ ms: number; waitedMs: number | undefined; others: number | null }> {
  const [own, busy, started] = [worker.usedSeconds, busySeconds(), performance.now()];
  const { ms, waitedMs } = await worker.ask('run');
  const seconds = (performance.now() - started) / 1000;
  const used = worker.usedSeconds;
  if (own === null || used === null) return { ms, waitedMs, others: null };
  const others = busySeconds() - busy - (used - own);
  return { ms, waitedMs, others: others / (seconds * os.availableParallelism()) };
}

/** Clocks tick in hundredths of a second: one share tells little, and may be below 0; their mean is good. */
function mean(shares: readonly (number | null)[]): number | null {
  if (shares.length === 0 || shares.includes(null)) return null;
  return Math.max(shares.reduce<number>((sum, share) => sum + share!, 0) / shares.length, 0);
}
