import { PYTORCH, REFERENCE } from './peers.js';
import type { Cell, Results } from './results.js';
import { tutorialFlops } from './settings.js';
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
}

/** By batch size: how many times as long the peer has to take as lossnet's graph. */
const FASTER_THAN = {
  torch: { 1: 1.7, 8: 1.7, 64: 1.7, 256: 1.7 },
  'best of PyTorch': { 1: 1.2, 8: 1.2, 64: 1.2, 256: 1.2 },
  tfjs: { 1: 4, 64: 2 },
  keras: { 1: 1.5, 64: 1, 256: 1 },
} as const;

const FIRST_STEP_SECONDS = 2.5;
const COMPILE_SECONDS = 1;
const PERCENT_OF_PEAK = 65;
/** Where TensorFlow uses all cores within an op, for the step and the matrix product alike. */
export const PEAK_BATCH = 256;

/**
 * Compares what was found with what lossnet aims at, on the tutorial's CNN.
 *
 * @param results what was found
 * @returns a verdict for every target whose batch size was measured
 */
export function judge(results: Results): Verdict[] {
  const cells = results.cells.filter(({ model }) => model === 'tutorial');
  const speed = Object.entries(FASTER_THAN).flatMap(([name, limits]) =>
    cells.flatMap((cell): Verdict[] => {
      const limit = (limits as Readonly<Record<number, number>>)[cell.batch];
      if (limit === undefined) return [];
      const value = name === 'best of PyTorch' ? bestOfPyTorch(cell) : ratioIn(cell, name);
      const target = `${results.titles[name] ?? name}, batch ${cell.batch}`;
      return [{ target, value, limit, unit: 'x', wanted: 'at least' }];
    }),
  );
  return [...speed, ...waits(results), ...cells.filter(({ batch }) => batch === PEAK_BATCH).map(shareOfPeak)];
}

/**
 * @param verdict value and limit
 * @returns whether the target is met; null when it was not measured
 */
export function isMet({ value, limit, wanted }: Verdict): boolean | null {
  if (value === null) return null;
  return wanted === 'at least' ? value >= limit : value < limit;
}

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
 * @param cell a setting's results, of the tutorial's CNN
 * @returns percent of the peak that lossnet's graph reaches; null when it was not measured
 */
export function percentOfPeak({ batch, gflops, peers }: Cell): number | null {
  const reference = peers[REFERENCE];
  if (!reference || gflops === null) return null;
  return (100 * tutorialFlops(batch)) / (median(reference.ms) / 1000) / (gflops * 1e9);
}

/** Only when all modes were measured: the best of two might not be the best. */
function bestOfPyTorch(cell: Cell): number | null {
  const ratios = PYTORCH.map((name) => ratioIn(cell, name));
  return ratios.includes(null) ? null : Math.min(...ratios.map(Number));
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

const shareOfPeak = (cell: Cell): Verdict => ({
  target: `share of the matrix-multiply peak, batch ${cell.batch}`,
  value: percentOfPeak(cell),
  limit: PERCENT_OF_PEAK,
  unit: '%',
  wanted: 'at least',
});
