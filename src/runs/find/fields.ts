import { UsageError } from '../../base/errors.js';
import { METRICS } from '../../config/index.js';
import { nearest } from '../../config/validate/spelling.js';
import { leaves } from '../store/differences.js';
import type { RunOverview } from './overview.js';

/** What is known of every run, besides figures and keys of its configuration. */
const OWN_FIELDS = [
  'path',
  'status',
  'epoch',
  'parameters',
  'seconds',
  'bytes',
  'changed',
  'data',
  'model',
] as const;
/** Names that are listed where one is not known. */
const EXAMPLES = 'status, epoch, parameters, bytes, changed; eval_accuracy, best_eval_loss; optimizer.type';

/** A run's values by the names that conditions and orders go by. */
export type Fields = ReadonlyMap<string, unknown>;

/**
 * @param overview of a run
 * @returns what is known of it, its figures (those of the last epoch, the best ones, those of the end), and each single value
 * of its configuration by its dotted key
 */
export function fieldsOf({ path, status, bytes, changed, run }: RunOverview): Fields {
  const fields = new Map<string, unknown>(Object.entries({ path, status, bytes, changed }));
  if (run === null) return fields;
  const { epoch, parameters, seconds, data, model, figures, config } = run;
  const configured = [...leaves(config)].map(([key, value]) => [key, JSON.parse(value) as unknown] as const);
  const others = { epoch, parameters, seconds, data, model, ...figures };
  return new Map([...configured, ...fields, ...Object.entries(others)]);
}

/**
 * Checks names of values against those that there are.
 *
 * @param names each with what was written around it, for the error
 * @param runs what is known of each run
 * @throws UsageError with every name that no run could have, and the nearest spelling
 */
export function checkNames(
  names: readonly { readonly name: string; readonly from: string }[],
  runs: readonly Fields[],
): void {
  const known = new Set<string>([...OWN_FIELDS, ...METRICS, ...runs.flatMap((fields) => [...fields.keys()])]);
  const unknown = names.filter(({ name }) => !known.has(name));
  if (unknown.length === 0) return;
  const lines = unknown.map(({ name, from }) => {
    const meant = nearestOf(name, [...known]);
    return `${from}: no run has ${name === '' ? 'a value without a name' : `a value \`${name}\``}${meant === undefined ? '' : `; did you mean ${meant}?`}`;
  });
  throw new UsageError(
    'LOSSNET_USAGE',
    lines.join('\n'),
    `Take a figure, a key of the configuration, or what is known of each run: ${EXAMPLES}`,
  );
}

/** `lr` means `optimizer.lr`. */
function nearestOf(name: string, known: readonly string[]): string | undefined {
  const ending = known.filter((key) => key.endsWith(`.${name}`));
  return ending.length === 1 ? ending[0] : nearest(name, known);
}
