import type { Machine } from './machine.js';
import type { Setting } from './settings.js';

/** One peer in one setting. */
export interface PeerResult {
  /** Milliseconds per step, one number per round. */
  readonly ms: readonly number[];
  /** The most memory that its process had, in MB; null where the system does not tell. */
  readonly memoryMb: number | null;
}

/** One setting: what every peer needed, by its name. */
export interface Cell extends Setting {
  /** The machine's matrix-multiply peak in the process of lossnet's graph, in billions of operations per second. */
  readonly gflops: number | null;
  /** Share of the cores that other processes used while a peer was timed; null where the system does not tell. */
  readonly others: number | null;
  readonly peers: Readonly<Record<string, PeerResult>>;
}

/** What the real program needs, measured from outside; one number per round. */
export interface CommandLineResult {
  /** Seconds from starting the process to its report of the first step. */
  readonly firstStepSeconds: readonly number[];
  /** Of these, for building the graph and for the first step beyond what a step takes. */
  readonly compileSeconds: readonly number[];
  /** Training images per second in the last of two epochs, loading included. */
  readonly imagesPerSecond: readonly number[];
  /** Seconds for evaluating 10,000 images. */
  readonly evalSeconds: readonly number[];
}

/** Everything that a run of the benchmark found: `results.json`. */
export interface Results {
  readonly date: string;
  /** Whether it was only a check, with too few steps to trust. */
  readonly quick: boolean;
  readonly rounds: number;
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  readonly titles: Readonly<Record<string, string>>;
  /** Who was not measured, and why. */
  readonly skipped: Readonly<Record<string, string>>;
  readonly cells: readonly Cell[];
  readonly commandLine: CommandLineResult | null;
}
