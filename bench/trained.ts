import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { buildRun, initialize, planRun, type ResolvedConfig } from '../src/config/index.js';
import { type Data, prepare } from '../src/runs/train/prepare.js';
import type { DivergenceCause } from '../src/train/diagnosis.js';
import { newProgress } from '../src/train/progress.js';
import { Trainer } from '../src/train/trainer.js';

/** What a training showed, without a folder of its own. */
export interface Trained {
  /** Of each step that was made. */
  readonly losses: readonly number[];
  readonly epochs: readonly {
    readonly step: number;
    readonly trainLoss: number;
    readonly evalLoss: number | null;
    readonly accuracy: number | null;
  }[];
  /** Why the loss left the finite numbers; null: it did not. */
  readonly diverged: DivergenceCause | null;
}

/** One thread, so that runs side by side do not wait for each other, and give the same figures on any number of cores. */
export const ONE_THREAD = { threads: { intra: 1, inter: 1 } } as const;

/** The data sets that were read, by their blocks: reading them anew would take longer than some trainings. */
const known = new Map<string, Data>();

/**
 * Trains in this process, as `lossnet train` does, and writes nothing.
 *
 * @param resolved what to train
 * @returns what it showed
 */
export async function trainHere(resolved: ResolvedConfig): Promise<Trained> {
  const plan = planRun(resolved);
  const key = JSON.stringify(resolved.yaml.dataset);
  const data = known.get(key) ?? (await prepare(plan, { env: process.env }));
  if (data === null) throw new Error('nobody stops it');
  known.set(key, data);
  const { parts, options, model } = buildRun(plan, data, null);
  try {
    initialize(plan);
    const trainer = new Trainer(
      parts,
      options,
      newProgress(parts.program.task),
      new AbortController().signal,
    );
    const losses: number[] = [];
    const epochs: Trained['epochs'][number][] = [];
    let diverged: DivergenceCause | null = null;
    for (const event of trainer.run()) {
      if (event.type === 'step') losses.push(event.loss);
      if (event.type === 'diverged') diverged = event.cause;
      if (event.type !== 'epoch') continue;
      const { step, trainLoss, evalLoss } = event;
      epochs.push({ step, trainLoss, evalLoss, accuracy: event.eval?.accuracy ?? null });
    }
    return { losses, epochs, diverged };
  } finally {
    parts.program.dispose();
    parts.optimizer.dispose();
    model.dispose();
  }
}

/** Records of a long campaign, one line each, by name: what is there is not made again. */
export class Log<T extends { readonly name: string }> {
  readonly #entries = new Map<string, T>();

  /** @param file of JSON lines; a last line that was cut off is left out */
  constructor(private readonly file: string) {
    mkdirSync(dirname(file), { recursive: true });
    const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    for (const line of whole.split('\n')) {
      if (line === '') continue;
      const entry = JSON.parse(line) as T;
      this.#entries.set(entry.name, entry);
    }
    // What follows would be joined to it otherwise.
    if (whole.length < text.length) writeFileSync(file, whole);
  }

  get(name: string): T | undefined {
    return this.#entries.get(name);
  }

  add(entry: T): T {
    this.#entries.set(entry.name, entry);
    appendFileSync(this.file, `${JSON.stringify(entry)}\n`);
    return entry;
  }

  all(): T[] {
    return [...this.#entries.values()];
  }
}
