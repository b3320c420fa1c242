import type { DataSource } from '../source.js';
import { type Cifar10Options, cifar10 } from './cifar10/index.js';
import { type CsvOptions, csv } from './csv/index.js';
import { type CustomOptions, custom } from './custom/index.js';
import { type ShapesOptions, shapes } from './shapes/index.js';

/** One kind of data set and its options. */
export type DatasetOptions = Cifar10Options | ShapesOptions | CsvOptions | CustomOptions;

/**
 * @param options which data set
 * @returns the data set, not loaded yet
 */
export function createSource(options: DatasetOptions): DataSource {
  switch (options.type) {
    case 'cifar10':
      return cifar10(options);
    case 'shapes':
      return shapes(options);
    case 'csv':
      return csv(options);
    case 'custom':
      return custom(options);
  }
}
