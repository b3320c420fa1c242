import { LossnetError } from '../../base/errors.js';
import { EXPORT_AGAIN } from './record.js';

/** A model that was read back from an export. */
export interface Opened {
  /**
   * @param inputs as the model takes them, one sample after the other
   * @param samples how many
   * @returns what it says of each
   */
  run(inputs: Float32Array | Int32Array, samples: number): Promise<Float32Array>;
  /** Frees what it holds. */
  dispose(): void;
}

/** The error for a file of an export that its runtime does not take. */
export function unreadable(file: string, cause: unknown): LossnetError {
  const reason = (cause instanceof Error ? cause.message : String(cause)).split('\n')[0]!;
  return new LossnetError('LOSSNET_EXPORT_DAMAGED', `${file} cannot be loaded: ${reason}`, EXPORT_AGAIN, {
    cause,
  });
}
