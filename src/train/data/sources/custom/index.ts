import { LossnetError } from '../../../../base/errors.js';
import type { DataSource } from '../../source.js';
import { type CustomOptions, customSpec } from './spec.js';

export type { CustomOptions } from './spec.js';

/**
 * What is known of data that only the program has that gave them: enough to check a model, and to read a run again.
 *
 * @param options what is on record
 * @returns the data set; loading it throws LossnetError `LOSSNET_DATA_CUSTOM`
 */
export function custom(options: CustomOptions): DataSource {
  const { name } = options;
  const notHere = async (): Promise<never> => {
    throw new LossnetError(
      'LOSSNET_DATA_CUSTOM',
      `The data ${name} were given by a program, and are not in any file that lossnet knows of.`,
      'Train and look at the run from that program: loadConfig({ …, data }).',
    );
  };
  return {
    spec: customSpec(options),
    load: notHere,
    recall: notHere,
  };
}
