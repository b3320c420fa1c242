import { basename } from 'node:path';
import { DataError } from '../../data-error.js';
import type { DataSpec, Dataset } from '../../dataset.js';
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
 * @throws DataError when it cannot be read, or is too short for one; when other samples are asked for than were trained on
 */
export function wholeText(options: TextOptions, { spec, tokens }: Preprocessing): Dataset {
  refuseOthers(options, spec);
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

/** A model sees as many tokens, and tells as many, as it was trained to. */
function refuseOthers({ context, positions }: TextOptions, { input, target }: DataSpec): void {
  const trained = {
    context: input.kind === 'tokens' ? input.length : context,
    positions: target.kind === 'class' && target.length !== undefined ? 'all' : 'last',
  };
  const asked = { context, positions };
  const other = (['context', 'positions'] as const).filter((key) => asked[key] !== trained[key]);
  const [first] = other;
  if (first === undefined) return;
  const written = (values: typeof trained) => other.map((key) => `${key}: ${values[key]}`).join(', ');
  throw new DataError(
    first,
    `the model was trained with ${written(trained)}, and cannot be evaluated with ${written(asked)}`,
    [`leave out ${other.map((key) => `dataset.${key}`).join(' and ')}`],
  );
}
