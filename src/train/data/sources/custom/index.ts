import { LossnetError } from '../../../../base/errors.js';
import type { DataSpec } from '../../dataset.js';
import type { DataSource } from '../../source.js';

/** Data that a program gave through the library: what is on record of them. */
export interface CustomOptions {
  readonly type: 'custom';
  readonly name: string;
  /** Of images the channels, height and width of a sample, of features their number. */
  readonly shape: readonly number[];
  /** Names of the classes; none: real values are to be told. */
  readonly classes: readonly string[];
  /** Names of the real values; none: classes are. */
  readonly values: readonly string[];
  /** Whether there are samples for the end. */
  readonly hasTest: boolean;
}

/** What a model and a loss can be checked against. */
export function customSpec({ name, shape, classes, values, hasTest }: CustomOptions): DataSpec {
  const [first = 1, height = 1, width = 1] = shape;
  return {
    name,
    input:
      shape.length === 1
        ? { kind: 'features', features: first }
        : { kind: 'image', channels: first, height, width },
    ...(hasTest && { hasTest }),
    target: values.length > 0 ? { kind: 'value', names: values } : { kind: 'class', names: classes },
  };
}

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
