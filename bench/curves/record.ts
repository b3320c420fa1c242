import { join } from 'node:path';
import { PATHS } from '../paths.js';
import { Log, ONE_THREAD, type Trained, trainHere } from '../trained.js';
import { families } from './families.js';

/** More epochs than the curve that is judged. */
export const LONGER = 3;

/** A run of a family, three times as long as the curve that is judged. */
export interface Recorded extends Trained {
  /** `family lr`. */
  readonly name: string;
}

export const recordings = (): Log<Recorded> => new Log<Recorded>(join(PATHS.campaigns, 'curves.jsonl'));

/**
 * Trains all runs that are not recorded yet.
 *
 * @param log told of each
 */
export async function record(log: (text: string) => void): Promise<void> {
  const known = recordings();
  for (const { name, config, lrs, epochs } of families()) {
    for (const lr of lrs) {
      const run = `${name} ${lr}`;
      if (known.get(run)) continue;
      const began = performance.now();
      const resolved = config.with({ ...ONE_THREAD, epochs: LONGER * epochs, 'optimizer.lr': lr });
      const { losses, epochs: ends, diverged } = known.add({ name: run, ...(await trainHere(resolved)) });
      const last = ends.at(-1);
      log(
        `${run}: ${losses.length} steps, ${diverged ?? `${last?.trainLoss.toPrecision(3)} ${last?.evalLoss?.toPrecision(3)}`}, ${((performance.now() - began) / 1000).toFixed(1)} s`,
      );
    }
  }
}
