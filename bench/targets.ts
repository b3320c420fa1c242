import { PYTORCH, REFERENCE } from './peers.js';
import type { Cell, PeerResult, Results } from './results.js';
import { type ModelName, samplesOf, titleOf } from './settings.js';
import { median, ratio } from './statistics.js';

/** One aim, and what was found. */
export interface Verdict {
  readonly target: string;
  /** What was found; null when something that it needs was not measured. */
  readonly value: number | null;
  readonly limit: number;
  readonly unit: 'x' | 's' | '%';
  /** Whether the value has to be at least the limit, or below it. */
  readonly wanted: 'at least' | 'below';
  /** Percent of the matrix-multiply peak that the step reaches, where so much of it would do as well. */
  readonly percentOfPeak?: number | null;
}

/** How many times as long peers have to take as lossnet's graph. */
const FASTER_THAN: Readonly<Record<ModelName, { readonly torch: number; readonly keras: number | null }>> = {
  tutorial: { torch: 1.3, keras: 1.15 },
  'batch-norm': { torch: 1.3, keras: 1.15 },
  resnet: { torch: 1.2, keras: 1.2 },
  lstm: { torch: 1.2, keras: 1.2 },
  mlp: { torch: 1.2, keras: 1.2 },
  'table-64': { torch: 1, keras: null },
  'table-256': { torch: 1, keras: null },
};
/** Where a step reaches so much of the peak, no more is asked for. */
const ENOUGH_OF_PEAK = 90;
/** Memory beyond the libraries', as a multiple of PyTorch's. */
const MEMORY_LIMIT = 1.2;
const LARGER: readonly ModelName[] = ['resnet', 'lstm', 'mlp'];

const FIRST_STEP_SECONDS = 1;
const COMPILE_SECONDS = 1;
const PERCENT_WAITING = 3;
const WAITING_BATCH = 64;

/**
 * Compares what was found with what lossnet aims at.
 *
 * @param results what was found
 * @returns a verdict for every target whose setting was measured
 */
export function judge(results: Results): Verdict[] {
  const { cells } = results;
  return [...cells.flatMap(speed), ...cells.flatMap(memory), ...cells.flatMap(waiting), ...waits(results)];
}

/**
 * @param verdict value and limit
 * @returns whether the target is met; null when it was not measured
 */
export function isMet(verdict: Verdict): boolean | null {
  const { value, limit, wanted } = verdict;
  if (value === null) return null;
  return (wanted === 'at least' ? value >= limit : value < limit) || isNearPeak(verdict);
}

/** @returns whether so much of the peak is reached that no more is asked for */
export const isNearPeak = ({ percentOfPeak: percent }: Verdict): boolean => (percent ?? 0) >= ENOUGH_OF_PEAK;

/**
 * @param cell a setting's results
 * @param name a peer
 * @returns how many times as long it takes as lossnet's graph; null when either was not measured
 */
export function ratioIn(cell: Cell, name: string): number | null {
  const [peer, reference] = [cell.peers[name], cell.peers[REFERENCE]];
  return peer && reference ? ratio(peer.ms, reference.ms) : null;
}

/**
 *     flops of a step / seconds / matrix-multiply peak
 *
 * @param cell a setting's results
 * @returns percent of the peak that lossnet's graph reaches; null when it was not measured
 */
export function percentOfPeak({ flops, gflops, peers }: Cell): number | null {
  const reference = peers[REFERENCE];
  if (!reference || gflops === null || flops === null) return null;
  return (100 * flops) / (median(reference.ms) / 1000) / (gflops * 1e9);
}

/**
 * @param cell a setting's results
 * @returns percent of a step in which TensorFlow waits for JavaScript; null when it was not measured
 */
export function percentWaiting({ peers }: Cell): number | null {
  const reference = peers[REFERENCE];
  if (!reference?.waitedMs) return null;
  return (100 * median(reference.waitedMs)) / median(reference.ms);
}

/** @returns the memory that a peer has gained since its libraries were there, in MB; null when it was not measured */
export const gainedMb = (peer: PeerResult | undefined): number | null =>
  peer == null || peer.memoryMb === null || peer.loadedMb === null ? null : peer.memoryMb - peer.loadedMb;

function speed(cell: Cell): Verdict[] {
  const { torch, keras } = FASTER_THAN[cell.model];
  const [unit, wanted] = ['x', 'at least'] as const;
  const best = fastestPyTorch(cell);
  const common = { unit, wanted, percentOfPeak: percentOfPeak(cell) };
  const verdict = (name: string, value: number | null, limit: number): Verdict => ({
    ...common,
    ...{ target: `${name}, ${titleOf(cell)}`, value, limit },
  });
  return [
    verdict('best of PyTorch', best === null ? null : ratioIn(cell, best), torch),
    ...(keras === null ? [] : [verdict('Keras fit', ratioIn(cell, 'keras'), keras)]),
  ];
}

/** Beside the mode of PyTorch that one would take. */
function memory(cell: Cell): Verdict[] {
  if (!LARGER.includes(cell.model)) return [];
  const best = fastestPyTorch(cell);
  const [own, peer] = [REFERENCE, best].map((name) => (name === null ? null : gainedMb(cell.peers[name])));
  return [
    {
      target: `memory gained, of PyTorch's, ${titleOf(cell)}`,
      value: own == null || peer == null ? null : own / peer,
      ...{ limit: MEMORY_LIMIT, unit: 'x', wanted: 'below' },
    },
  ];
}

function waiting(cell: Cell): Verdict[] {
  if (cell.batch !== WAITING_BATCH || cell.model === 'lstm') return [];
  const target = `of a step, TensorFlow waiting for JavaScript, ${titleOf(cell)}`;
  return [{ target, value: percentWaiting(cell), limit: PERCENT_WAITING, unit: '%', wanted: 'below' }];
}

/** Only when all modes were measured: the best of two might not be the best. */
function fastestPyTorch(cell: Cell): string | null {
  const modes = PYTORCH.filter((name) => name !== 'torch-channels-last' || samplesOf(cell) === 'images');
  const ratios = modes.map((name) => ratioIn(cell, name));
  return ratios.includes(null) ? null : modes[ratios.indexOf(Math.min(...ratios.map(Number)))]!;
}

function waits({ commandLine }: Results): Verdict[] {
  if (!commandLine) return [];
  const { firstStepSeconds, compileSeconds } = commandLine;
  const below = (target: string, values: readonly number[], limit: number): Verdict => ({
    ...{ target, value: median(values), limit },
    unit: 's',
    wanted: 'below',
  });
  return [
    below('from the command to the first step', firstStepSeconds, FIRST_STEP_SECONDS),
    below('of it, compiling', compileSeconds, COMPILE_SECONDS),
  ];
}
