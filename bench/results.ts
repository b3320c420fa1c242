import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cpuKind, type Machine } from './machine.js';
import { MODEL_NAMES, type Setting } from './settings.js';

/** One peer in one setting. */
export interface PeerResult {
  /** Milliseconds per step, one number per round. */
  readonly ms: readonly number[];
  /** The most memory that its process had, in MB; null where the system does not tell. */
  readonly memoryMb: number | null;
  /** What it had of it with its libraries, before it had data and a model; null likewise. */
  readonly loadedMb: number | null;
  /** Lossnet's graph: milliseconds of a step in which TensorFlow waited for JavaScript, one number per round. */
  readonly waitedMs?: readonly number[];
}

/** One setting: what every peer needed, by its name. */
export interface Cell extends Setting {
  readonly date: string;
  /** The commit that was measured; null outside a checkout. */
  readonly commit: string | null;
  /** Floating point operations of a step; null when lossnet was not measured. */
  readonly flops: number | null;
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

/** Everything that was found on one kind of CPU: `results/<kind>.json`. */
export interface Results {
  readonly date: string;
  /** Whether it was only a check, with too few steps to trust. */
  readonly quick: boolean;
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  readonly titles: Readonly<Record<string, string>>;
  /** Who was not measured, and why. */
  readonly skipped: Readonly<Record<string, string>>;
  readonly cells: readonly Cell[];
  readonly commandLine: CommandLineResult | null;
}

/** The results of one kind of CPU, and what their files are called. */
export interface KindResults {
  readonly kind: string;
  readonly results: Results;
}

/**
 * @param folder where files of results are
 * @returns all of them, by kind of CPU
 */
export function readResults(folder: string): KindResults[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => ({
      kind: name.replace(/\.json$/, ''),
      results: JSON.parse(readFileSync(join(folder, name), 'utf8')) as Results,
    }));
}

/**
 * Keeps what was found with what was found before on the same kind of CPU: what was measured again takes the place of the old.
 *
 * @param folder where files of results are
 * @param found what was found now
 * @returns what is in the file now
 */
export function keepResults(folder: string, found: Results): KindResults {
  const kind = cpuKind(found.machine);
  const before = readResults(folder).find((each) => each.kind === kind)?.results;
  const isSame = (a: Setting) => (b: Setting) => a.model === b.model && a.batch === b.batch;
  const old = (before?.cells ?? []).filter((cell) => !found.cells.some(isSame(cell)));
  const place = ({ model, batch }: Setting) => MODEL_NAMES.indexOf(model) * 1e6 + batch;
  const results = {
    ...found,
    titles: { ...before?.titles, ...found.titles },
    versions: { ...before?.versions, ...found.versions },
    cells: [...old, ...found.cells].sort((a, b) => place(a) - place(b)),
    commandLine: found.commandLine ?? before?.commandLine ?? null,
  };
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${kind}.json`), `${JSON.stringify(results, null, 2)}\n`);
  return { kind, results };
}
