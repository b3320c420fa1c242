import type { Dataset } from '../dataset.js';
import type { Preprocessing } from '../preprocessing.js';
import { wholeArrays } from './arrays/whole.js';
import { wholeTable } from './csv/whole.js';
import type { DatasetOptions } from './index.js';
import { wholeText } from './text/whole.js';

/** Data sets whose samples become inputs by what was learnt in training. */
export type FittedOptions = Extract<DatasetOptions, { readonly type: 'csv' | 'arrays' | 'text' }>;

/**
 * All samples of a table, of arrays or of a text that a model was not trained on, none held out, as its training would have taken
 * them.
 *
 * @param options the data
 * @param preprocessing of the model's run
 * @returns the samples
 * @throws DataError when they cannot be read, or are of another kind
 */
export function wholeOf(options: FittedOptions, preprocessing: Preprocessing): Dataset {
  switch (options.type) {
    case 'csv':
      return wholeTable(options, preprocessing);
    case 'arrays':
      return wholeArrays(options, preprocessing);
    case 'text':
      return wholeText(options, preprocessing);
  }
}
