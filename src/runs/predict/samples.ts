import type { LossnetError } from '../../base/errors.js';
import type { RawInputs } from '../trained/predictor.js';
import type { Place } from './result.js';

/** A sample ready for the model; or why there is none. */
export type Sample = Place &
  (
    | { readonly inputs: RawInputs; readonly unseen?: Readonly<Record<string, string>> }
    | { readonly error: string }
  );

/** Samples in their order, some at a time: whoever waits for a stream is told of what has come. */
export type SampleStream = AsyncGenerator<readonly Sample[]>;

/** So many are read before they are predicted. */
export const AT_ONCE = 64;

/** Why an input gives no samples, with what to do about it. */
export const errorText = ({ message, remedy }: LossnetError): string =>
  remedy === undefined ? message : `${message}: ${remedy.split('\n')[0]}`;
