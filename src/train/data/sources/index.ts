import type { DataSource } from '../source.js';
import { type Cifar10Options, type Cifar100Options, cifar10, cifar100 } from './cifar/index.js';
import { type CsvOptions, csv } from './csv/index.js';
import { type CustomOptions, custom } from './custom/index.js';
import { type MnistOptions, mnist } from './mnist/index.js';
import { type ShapesOptions, shapes } from './shapes/index.js';

/** One kind of data set and its options. */
export type DatasetOptions =
  | Cifar10Options
  | Cifar100Options
  | MnistOptions
  | ShapesOptions
  | CsvOptions
  | CustomOptions;

/**
 * @param options which data set
 * @returns the data set, not loaded yet
 */
export function createSource(options: DatasetOptions): DataSource {
  switch (options.type) {
    case 'cifar10':
      return cifar10(options);
    case 'cifar100':
      return cifar100(options);
    case 'mnist':
    case 'fashion_mnist':
      return mnist(options);
    case 'shapes':
      return shapes(options);
    case 'csv':
      return csv(options);
    case 'custom':
      return custom(options);
  }
}
