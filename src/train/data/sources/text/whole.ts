import { basename } from 'node:path';
import { DataError } from '../../data-error.js';
import type { Dataset } from '../../dataset.js';
import type { Preprocessing } from '../../preprocessing.js';
import { contentOf } from './content.js';
import type { TextOptions } from './options.js';
import { datasetOf } from './read.js';
import { tokensBy } from './tokens.js';

/**
 * A whole text that was not trained on, in the tokens of the one that was.
 *
 * @param options of the text
 * @param preprocessing of the run
 * @returns its samples
 * @throws DataError when it cannot be read, or is too short for one; when other positions are asked for than were trained on
 */
export function wholeText(options: TextOptions, { spec, tokens }: Preprocessing): Dataset {
  const trained = spec.target.kind === 'class' && spec.target.length !== undefined ? 'all' : 'last';
  if (options.positions !== trained) {
    const message = `the model was trained with positions: ${trained}, and cannot be evaluated with positions: ${options.positions}`;
    throw new DataError('positions', message, ['leave dataset.positions out']);
  }
  const { text, source } = contentOf(options);
  const vocabulary = tokens?.vocabulary ?? null;
  const ids = typeof text === 'string' ? tokensBy(text, vocabulary ?? []) : text;
  if (ids.length <= options.context) {
    throw new DataError(
      'path',
      `${source} has ${ids.length} tokens: a sample needs ${options.context + 1}, ${options.context} and the next one`,
      ['take a longer text'],
    );
  }
  const { names } = spec.target;
  const own = { ...spec, name: basename(source) };
  return datasetOf(own, { ids, names }, { split: 'test', from: 0, to: ids.length }, { ...options, source });
}
