import {
  ConfigError,
  type ConfigYaml,
  namedLr,
  type Problem,
  type ResolvedConfig,
  toCamelCase,
} from '../../../config/index.js';
import { valueAt } from '../../../config/validate/allowed.js';
import { nearest } from '../../../config/validate/spelling.js';
import { problemOf } from '../plan/request.js';
import { readValue, type TuneKey } from './asked.js';
import { around, between, type GridAxis } from './grid.js';

/** What is tried of numbers that are no scales, where nobody says what. */
const FAMILIAR: readonly (readonly [RegExp, readonly number[]])[] = [
  [/^optimizer\.momentum$/, [0, 0.5, 0.9, 0.99]],
  [/^optimizer\.betas\.0$/, [0.5, 0.8, 0.9, 0.95]],
  [/^optimizer\.betas\.1$/, [0.9, 0.99, 0.999]],
  [/^optimizer\.weight_decay$/, [0, 0.0001, 0.001, 0.01]],
  [/^model\.(.+\.)?p$/, [0, 0.1, 0.25, 0.5]],
  [/^loss\.label_smoothing$/, [0, 0.05, 0.1, 0.2]],
];

/**
 * What is tried of a key, for one variant: the values that were named, or those around what it has.
 *
 * @param key what is tuned; `lr` is what the configuration has for a learning rate
 * @param variant its name
 * @param base its configuration
 * @param variants how many there are
 * @param report told what is wrong with the key
 * @returns the values; null where something is wrong
 */
export function axisOf(
  { key: named, values, argument }: TuneKey,
  variant: string,
  base: ResolvedConfig,
  variants: number,
  report: (problem: Problem) => void,
): GridAxis | null {
  const whose = variants === 1 ? '' : `variant ${variant}: `;
  const refuse = (message: string, ...help: string[]): null => {
    report(problemOf(argument, `${whose}${message}`, help));
    return null;
  };
  const config = toCamelCase(base.yaml);
  const key = named === 'lr' ? namedLr(config).key : named;
  const overridden = scheduledBy(key, base.yaml);
  if (overridden !== null) {
    const help = key === 'optimizer.lr' ? 'tune schedule.max_lr, or write --tune lr' : overridden.help;
    return refuse(`${key} is without effect: ${overridden.why}`, help);
  }
  const has = valueAt(base.yaml, key.split('.'));
  if (has === undefined) {
    const meant = nearest(key, knownKeys(base.yaml));
    const parent = key.split('.').slice(0, -1).join('.');
    const own = parent === '' ? base.yaml : valueAt(base.yaml, parent.split('.'));
    const keys = typeof own === 'object' && own !== null ? Object.keys(own) : [];
    return refuse(
      `there is no key ${key} in ${base.yaml.name}`,
      ...(meant === undefined ? [] : [`did you mean \`${meant}\`?`]),
      ...(parent === '' || keys.length === 0 ? [] : [`keys of ${parent}: ${keys.join(', ')}`]),
    );
  }
  const usual = typeof has === 'number' || typeof has === 'string' ? has : null;
  if (values !== null && !('low' in values)) {
    const listed = values.map(readValue);
    return { key, scale: 'list', values: listed, usual: has === null ? 'null' : (usual ?? String(has)) };
  }
  if (typeof has !== 'number' && has !== null) {
    const what = typeof has === 'object' ? 'a block' : `\`${String(has)}\``;
    return refuse(`${key} is no number but ${what}`, `name the values: --tune ${key}=a,b`);
  }
  const isWhole = has !== null && isWholeNumber(base, key, has);
  if (values !== null) {
    const all = between(values.low, values.high);
    if (!isWhole) return { key, scale: 'log', values: all, usual };
    // Beyond and between them lie fractions.
    return { key, scale: 'list', values: [...new Set(all.map(Math.round))], usual };
  }
  const [, familiar] = FAMILIAR.find(([pattern]) => pattern.test(key)) ?? [];
  if (familiar !== undefined) {
    const all = usual === null || familiar.includes(has as number) ? familiar : [...familiar, has as number];
    return { key, scale: 'list', values: [...all].sort((a, b) => a - b), usual };
  }
  if (has === null || has <= 0) {
    return refuse(
      `${key} is ${has}, and there is no range around that`,
      `name a range: --tune ${key}=0.0001..0.1; or values: --tune ${key}=0,0.001,0.01`,
    );
  }
  if (isWhole) {
    const some = [...new Set([Math.ceil(has / 2), has, 2 * has])].join(',');
    return refuse(
      `${key} is a whole number, and which to try is not known`,
      `name them: --tune ${key}=${some}`,
    );
  }
  return { key, scale: 'log', values: around(has), usual: has };
}

/** Whether the schema takes no fractions for a key. */
function isWholeNumber(base: ResolvedConfig, key: string, has: number): boolean {
  if (!Number.isInteger(has)) return false;
  try {
    base.with([`${key}=${has + 0.5}`]);
    return false;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.some(({ path, message }) => path === key && message.includes('expected integer'));
  }
}

/** Why what a key says is not what the run does; null: it is. */
function scheduledBy(
  key: string,
  { schedule }: ConfigYaml,
): { readonly why: string; readonly help: string } | null {
  if (schedule.type !== 'one_cycle') return null;
  if (key === 'optimizer.lr') return { why: 'the schedule one_cycle sets the learning rate', help: '' };
  if (!schedule.cycle_momentum || !/^optimizer\.(momentum|betas\.0)$/.test(key)) return null;
  return {
    why: 'the schedule one_cycle sets it too (cycle_momentum)',
    help: 'tune schedule.max_momentum, or set schedule.cycle_momentum=false',
  };
}

/** Dotted paths of what can be tuned, as far as the configuration has it. */
function knownKeys(yaml: ConfigYaml): string[] {
  return Object.entries(yaml).flatMap(([block, value]: [string, unknown]) => {
    const isBlock = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isBlock ? Object.keys(value as object).map((key) => `${block}.${key}`) : [block];
  });
}
