import { join } from 'node:path';
import { PATHS } from '../paths.js';
import { Log, trainHere } from '../trained.js';
import { configOf, nameOf, type Pair } from './pairs.js';

/** What training came to. */
export interface Reached {
  /** `model, optimizer lr seed`. */
  readonly name: string;
  /** After the last epoch; null: the loss left the finite numbers. */
  readonly accuracy: number | null;
  readonly evalLoss: number | null;
  /** Mean loss of the last epoch's training. */
  readonly trainLoss: number | null;
}

export const reached = (): Log<Reached> => new Log<Reached>(join(PATHS.campaigns, 'lr-trained.jsonl'));

/**
 * Trains a pair at a learning rate, unless it was already.
 *
 * @param pair what to train
 * @param lr the learning rate
 * @param seed of weights and order
 * @param known what was trained before
 * @returns what it came to
 */
export async function trainAt(pair: Pair, lr: number, seed: number, known: Log<Reached>): Promise<Reached> {
  const name = `${nameOf(pair)} ${lr} seed ${seed}`;
  const before = known.get(name);
  if (before) return before;
  const { epochs, diverged } = await trainHere(configOf(pair, seed).with({ 'optimizer.lr': lr }));
  const last = diverged === null ? epochs.at(-1) : undefined;
  return known.add({
    name,
    accuracy: last?.accuracy ?? null,
    evalLoss: last?.evalLoss ?? null,
    trainLoss: last?.trainLoss ?? null,
  });
}
