import { LossnetError } from '../../../../base/errors.js';
import type { DataSource } from '../../source.js';

/** Data that a program gave through the library: what is on record of them. */
export interface CustomOptions {
  readonly type: 'custom';
  readonly name: string;
  /** Channels, height and width of a sample. */
  readonly shape: readonly number[];
  readonly classes: readonly string[];
}

/**
 * What is known of data that only the program has that gave them: enough to check a model, and to read a run again.
 *
 * @param options what is on record
 * @returns the data set; loading it throws LossnetError `LOSSNET_DATA_CUSTOM`
 */
export function custom({ name, shape, classes }: CustomOptions): DataSource {
  const [channels = 1, height = 1, width = 1] = shape;
  const notHere = async (): Promise<never> => {
    throw new LossnetError(
      'LOSSNET_DATA_CUSTOM',
      `The data ${name} were given by a program, and are not in any file that lossnet knows of.`,
      'Train and look at the run from that program: loadConfig({ …, data }).',
    );
  };
  return {
    spec: {
      name,
      input: { kind: 'image', channels, height, width },
      target: { kind: 'class', names: classes },
    },
    load: notHere,
    recall: notHere,
  };
}
