import { LossnetError } from '../base/errors.js';
import type { LossOptions } from '../train/loss/index.js';
import { lossOptions } from './loss.js';
import { toCamelCase } from './naming.js';
import { ConfigError } from './problems/errors.js';
import type { Source } from './problems/problem.js';
import { lossSchema } from './schema/losses.js';
import { applyLayer } from './sources/apply.js';
import { parseAssignment, parseOverrides } from './sources/assignment.js';
import type { BlockTree } from './sources/tree.js';
import { validate } from './validate/validate.js';

/**
 * A loss by itself, without a configuration around it.
 *
 * @param type its kind
 * @param options such as `delta=2`; what is left out has its default
 * @returns the loss's options
 * @throws ConfigError with all that is wrong with them; LossnetError for weights that only data can give
 */
export function lossAlone(type: string, options: readonly string[]): LossOptions {
  const flag = '--loss ';
  const source: Source = { kind: 'argument', text: `${flag}${type}`, index: 0 };
  const span = { source, start: 0, end: flag.length + type.length };
  const kind = parseAssignment(source, [{ name: 'type', span }], flag.length);
  // The keys of a whole configuration mean the same.
  const given = parseOverrides(options.map((text) => text.replace(/^loss\./, '')));
  const empty: BlockTree = { kind: 'block', entries: new Map(), span };
  const applied = applyLayer(applyLayer(empty, kind.assignments).tree, given.assignments);
  const before = [...kind.problems, ...given.problems, ...applied.problems];
  const { data, problems } = validate(lossSchema, applied.tree);
  if (data === undefined || before.length > 0) throw new ConfigError([...before, ...problems]);
  if ('weight' in data && data.weight === 'balanced') {
    throw new LossnetError(
      'LOSSNET_LOSS_WEIGHT',
      'weight: balanced is counted from training data, and a loss by itself has none.',
      'Give the weights themselves, such as weight=[1,2].',
    );
  }
  return lossOptions(toCamelCase(data), null);
}
