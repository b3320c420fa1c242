import { LossnetError } from '../base/errors.js';
import { classCounts } from '../train/data/dataset.js';
import type { DataLoader } from '../train/data/loader.js';
import { balancedWeights } from '../train/loss/balanced-weights.js';
import type { LossOptions } from '../train/loss/index.js';
import { type CamelCase, toCamelCase } from './naming.js';
import { ConfigError } from './problems/errors.js';
import type { Source } from './problems/problem.js';
import { listing } from './problems/text.js';
import type { ResolvedConfig } from './resolved.js';
import type { ConfigYaml } from './schema/index.js';
import { lossSchema } from './schema/losses.js';
import { applyLayer } from './sources/apply.js';
import { parseAssignment, parseOverrides } from './sources/assignment.js';
import type { BlockTree } from './sources/tree.js';
import { validate } from './validate/validate.js';

type LossBlock = CamelCase<ConfigYaml['loss']>;

/** More names than these are not read. */
const MOST = 10;

/**
 * The class weights that `balanced` stands for.
 *
 * @param resolved the configuration, to tell of what is wrong in it
 * @param loss its loss
 * @param loader of the training part, whose samples are counted
 * @returns the weights; null where the loss names them itself, or has none
 * @throws ConfigError naming every class that no sample is of
 */
export function classWeights(
  resolved: ResolvedConfig,
  loss: LossBlock,
  { dataset, records }: Pick<DataLoader, 'dataset' | 'records'>,
): number[] | null {
  if (!isBalanced(loss)) return null;
  const counts = classCounts(dataset, records);
  const { target } = dataset.spec;
  // Rules refuse a loss of classes where there are none.
  if (counts === null) throw new Error('balanced weights of what are no classes');
  const missing = target.names.filter((_, c) => counts[c] === 0 && c !== loss.ignoreIndex);
  if (missing.length === 0) return balancedWeights(counts, loss.ignoreIndex);
  const some = missing.length > MOST ? [...missing.slice(0, MOST), `${missing.length - MOST} more`] : missing;
  const message = `balanced weights are n / (classes * count), and none of the ${records} training samples is of ${listing(some, 'or')}`;
  const help = [
    'set loss.weight to a list with a number for each class, or to null',
    'or train on more samples: see loader.limit and what is held out of the data set',
  ];
  throw new ConfigError([resolved.problem('loss.weight', message, help)]);
}

/**
 * @param loss a configuration's
 * @param weights what `balanced` stands for, see `classWeights`; null: it is not known
 * @returns the same with these in its place
 * @throws LossnetError when they are needed and not known
 */
export function lossOptions(loss: LossBlock, weights: readonly number[] | null): LossOptions {
  if (!isBalanced(loss)) return loss as LossOptions;
  if (weights !== null) return { ...loss, weight: weights };
  throw new LossnetError(
    'LOSSNET_LOSS_WEIGHT',
    'The class weights that loss.weight: balanced stood for are not on record.',
    'They stand in the first line of metrics.jsonl, which is missing.',
  );
}

type Balanced = Extract<LossBlock, { readonly ignoreIndex: number }>;

function isBalanced(loss: LossBlock): loss is Balanced {
  return 'weight' in loss && loss.weight === 'balanced';
}

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
