import type { DataSpec } from '../train/data/dataset.js';
import { dimensions } from '../train/model/shape.js';
import type { ConfigInput } from './schema/index.js';

/**
 * How a configuration tells of data that a program gives: what they are, so that the model can be checked against them and
 * the run can be read again.
 *
 * @param spec of the data
 * @returns the `dataset` block
 */
export function customDataset({
  name,
  input,
  target,
  hasTest = false,
}: DataSpec): NonNullable<ConfigInput['dataset']> {
  const [classes, values] = target.kind === 'class' ? [target.names, []] : [[], target.names];
  return {
    ...{ type: 'custom', name, shape: dimensions(input) },
    ...{ classes: [...classes], values: [...values], has_test: hasTest },
  };
}
