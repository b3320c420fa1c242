import type { Environment } from '../config/index.js';
import type { Notice } from './notices.js';

/** What all that is done with runs is given from outside: it reads no variables, writes to no stream and hears no signals. */
export interface Surroundings {
  /** Environment variables that count, such as `LOSSNET_DATA`. Default: none. */
  readonly env?: Environment | undefined;
  /** Stops what is under way at a good moment, after saving. Default: nothing does. */
  readonly signal?: AbortSignal | undefined;
  /** Told what is said on the way. Default: nobody is. */
  readonly onProgress?: ((notice: Notice) => void) | undefined;
}

/** Says something to whoever listens. */
export function tell({ onProgress }: Surroundings, notice: Notice): void {
  onProgress?.(notice);
}

/** Whether to stop. */
export const isStopped = ({ signal }: Surroundings): boolean => signal?.aborted === true;
