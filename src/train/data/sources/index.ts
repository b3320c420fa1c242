import { type HoldOut, holdOutOf } from '../hold-out.js';
import type { DataSource } from '../source.js';
import { type ArraysOptions, arrays } from './arrays/index.js';
import { type Cifar10Options, type Cifar100Options, cifar10, cifar100 } from './cifar/index.js';
import { type CsvOptions, csv } from './csv/index.js';
import { type CustomOptions, custom } from './custom/index.js';
import { type ImageFolderOptions, imageFolder } from './image-folder/index.js';
import { type MnistOptions, mnist } from './mnist/index.js';
import { type ShapesOptions, shapes } from './shapes/index.js';
import { type TextOptions, text } from './text/index.js';

/** One kind of data set and its options. */
export type DatasetOptions =
  | ((Cifar10Options | Cifar100Options | MnistOptions | ShapesOptions) & InTwoParts)
  | CsvOptions
  | ArraysOptions
  | ImageFolderOptions
  | TextOptions
  | CustomOptions;

/** Of data sets that come with something to evaluate on. */
interface InTwoParts {
  /** What is held out of their training part, so that this is left for the end. Default: nothing. */
  readonly split?: HoldOut | null;
}

/**
 * @param options which data set
 * @returns the data set, not loaded yet
 */
export function createSource(options: DatasetOptions): DataSource {
  switch (options.type) {
    case 'cifar10':
      return holdOutOf(cifar10(options), options.split ?? null);
    case 'cifar100':
      return holdOutOf(cifar100(options), options.split ?? null);
    case 'mnist':
    case 'fashion_mnist':
      return holdOutOf(mnist(options), options.split ?? null);
    case 'shapes':
      return holdOutOf(shapes(options), options.split ?? null);
    case 'csv':
      return csv(options);
    case 'arrays':
      return arrays(options);
    case 'image_folder':
      return imageFolder(options);
    case 'text':
      return text(options);
    case 'custom':
      return custom(options);
  }
}
