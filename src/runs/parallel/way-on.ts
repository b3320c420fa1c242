import { shellWord } from '../../base/printable.js';
import type { Config } from '../../config/index.js';

/** What TF_CONFIG of `lossnet launch` names as its environment, which TensorFlow leaves to whoever starts the processes. */
export const LAUNCH = 'lossnet launch';

/**
 * How a run is gone on with: of one that several processes train, `lossnet train` alone would not know which of them it is.
 *
 * @param folder the run's
 * @param parallel as the run has it; null: it trains alone
 * @param place where this process stands among several; null: nothing says so
 * @returns the command; where another program starts the processes, and what it is to start
 */
export function resumeCommand(
  folder: string,
  parallel: Pick<NonNullable<Config['parallel']>, 'parts' | 'hosts'> | null,
  place: { readonly size: number; readonly isLaunched: boolean } | null,
): string {
  const train = `train ${shellWord(folder)} --resume`;
  if (parallel === null) return `lossnet ${train}`;
  const size = place?.size ?? 1;
  const ranks = (parallel.parts ?? size) % size === 0 ? size : 1;
  const isLaunched = place?.isLaunched ?? parallel.hosts === null;
  return isLaunched
    ? `lossnet launch -n ${ranks} -- ${train}`
    : `lossnet ${train}, started for each rank as before`;
}
