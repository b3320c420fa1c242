import {
  bareName,
  betterOf,
  EVALUATION_METRICS,
  METRIC_NAMES,
  type MetricName,
  metricKind,
} from '../train/task/metrics.js';
import { nearest } from './validate/spelling.js';

/** A figure of the last epoch, or the best of all epochs. */
export type EpochMetric = `${'' | 'best_'}${'eval' | 'train'}_${MetricName | 'loss'}`;

/** A figure of a run: one of its epochs, or of the samples that were left for the end. */
export type Metric = EpochMetric | `test_${MetricName | 'loss'}`;

const NAMES = [...METRIC_NAMES, 'loss' as const];

/** What runs can be chosen by. */
export const EPOCH_METRICS: readonly EpochMetric[] = (
  ['eval', 'train', 'best_eval', 'best_train'] as const
).flatMap((part) =>
  // Of training nothing is known that is made of all outputs of an evaluation.
  NAMES.filter((name) => part.endsWith('eval') || !isOfEvaluation(name)).map(
    (name) => `${part}_${name}` as const,
  ),
);

/** What can be expected of a run. */
export const METRICS: readonly Metric[] = [...EPOCH_METRICS, ...NAMES.map((name) => `test_${name}` as const)];

function isOfEvaluation(name: string): boolean {
  return (EVALUATION_METRICS as readonly string[]).includes(name);
}

/** A figure and what it must be, such as `eval_accuracy>=0.6`. */
export interface Gate {
  /** As it was written. */
  readonly text: string;
  /** The variant of a comparison that is meant; null: every one. */
  readonly variant: string | null;
  readonly metric: Metric;
  readonly operator: '>=' | '<=' | '>' | '<';
  /** A number, or what is added to the baseline's figure. */
  readonly bound: number;
  /** How many times the baseline's figure is part of what is expected; 0: it is a number alone. */
  readonly ofBaseline: number;
}

/** What keeps a text from being a gate, and which stretch of it. */
export interface GateProblem {
  readonly message: string;
  readonly help: readonly string[];
  readonly start: number;
  readonly end: number;
}

const OPERATORS = ['>=', '<=', '>', '<'] as const;
/** Whether a figure is of samples that were left for the end, and of no epoch. */
export const isOfTest = (metric: Metric): metric is Exclude<Metric, EpochMetric> =>
  metric.startsWith('test_');

const EXAMPLE = 'for example eval_accuracy>=0.6, eval_loss<=1.2, or eval_accuracy>=baseline-0.01';

/**
 * Reads a gate: a metric, one of `>= <= > <`, and a number, or the figure of a baseline and how much more or less; in a
 * comparison with a variant's name and a dot in front.
 *
 * @param text such as `eval_accuracy>=0.6` or `adam.eval_accuracy>=0.6`
 * @returns the gate, or what is wrong with it
 */
export function parseGate(text: string): Gate | GateProblem {
  const parts = /^([^<>]*?)\s*([<>]=?)\s*([^<>]*)$/.exec(text);
  if (parts === null)
    return {
      message: `expected metric>=number; received \`${text}\``,
      help: [EXAMPLE],
      start: 0,
      end: text.length,
    };
  const [, left = '', operator = '', right = ''] = parts;
  const dot = left.lastIndexOf('.');
  const name = left.slice(dot + 1).trim();
  const metric = METRICS.find((known) => known === name);
  const nameStart = dot + 1;
  if (metric === undefined) {
    return {
      ...noMetric(name),
      start: nameStart,
      end: Math.max(left.length, nameStart + 1),
    };
  }
  const expected = parseBound(right.trim(), metric);
  if ('message' in expected) {
    return { ...expected, start: Math.min(text.length - right.length, text.length - 1), end: text.length };
  }
  const variant = dot === -1 ? null : left.slice(0, dot).trim();
  return { text, variant, metric, operator: OPERATORS.find((known) => known === operator)!, ...expected };
}

const NUMBER = '(\\d+\\.?\\d*(?:e[+-]?\\d+)?|\\.\\d+(?:e[+-]?\\d+)?)';
/** `baseline`, `baseline-0.01`, `1.05*baseline`. */
const OF_BASELINE = new RegExp(`^(?:${NUMBER} *\\* *)?baseline(?: *([+-]) *${NUMBER})?$`, 'i');

function parseBound(
  text: string,
  metric: Metric,
): Pick<Gate, 'bound' | 'ofBaseline'> | Pick<GateProblem, 'message' | 'help'> {
  if (text === '') return { message: 'a number is missing', help: [EXAMPLE] };
  const relative = OF_BASELINE.exec(text);
  if (relative !== null) {
    const [, times = '1', sign = '+', more = '0'] = relative;
    const [ofBaseline, bound] = [Number(times), Number(`${sign}${more}`)];
    if (!Number.isFinite(ofBaseline) || !Number.isFinite(bound)) {
      return { message: `\`${text}\` is larger than any number`, help: [EXAMPLE] };
    }
    if (ofBaseline === 0) return { message: '0 times the baseline expects nothing of it', help: [EXAMPLE] };
    if (isOfShares(metric) && Math.abs(bound) >= 1) {
      const message = `${metric} is a share from 0 to 1; received ${text}`;
      return { message, help: [`write ${text.replace(more, `${Number(more) / 100}`)}`] };
    }
    return { bound, ofBaseline };
  }
  const bound = Number(text);
  if (Number.isFinite(bound)) return impossibleShare(metric, bound) ?? { bound, ofBaseline: 0 };
  return { message: `\`${text}\` is not a number`, help: [meantBy(text)] };
}

/** What to write in place of what is no number. */
function meantBy(text: string): string {
  const percent = /^([\d.]+) *%$/.exec(text);
  if (percent && Number.isFinite(Number(percent[1]))) return `write ${Number(percent[1]) / 100}`;
  const [, word, sign, more] = /^([a-z]\w*)(?: *([+-]) *([\d.]+) *%?)?$/i.exec(text) ?? [];
  if (word === undefined || nearest(word.toLowerCase(), ['baseline']) === undefined) return EXAMPLE;
  const number = text.endsWith('%') ? Number(more) / 100 : more;
  return `write baseline${sign === undefined ? '' : `${sign}${number}`}`;
}

function isOfShares(metric: Metric): boolean {
  const name = bareName(metric);
  return name !== 'loss' && metricKind(name).display === 'share';
}

/** A share that nothing can reach, or nothing can miss, is hardly meant: most often it is in percent. */
function impossibleShare(metric: Metric, bound: number): Pick<GateProblem, 'message' | 'help'> | null {
  if (!isOfShares(metric) || (bound >= 0 && bound <= 1)) return null;
  const message = `${metric} is a share from 0 to 1; received ${bound}`;
  return {
    message,
    help: bound > 1 && bound <= 100 ? [`write ${Number((bound / 100).toPrecision(12))}`] : [EXAMPLE],
  };
}

function noMetric(name: string): Pick<GateProblem, 'message' | 'help'> {
  const all = `metrics: ${METRICS.join(', ')}`;
  if (name === '') return { message: 'a metric is missing in front', help: [all] };
  const bare = name.replace(/^(best_)?train_/, '');
  if (bare !== name && isOfEvaluation(bare)) {
    const evaluated = name.replace('train_', 'eval_');
    return {
      message: `\`${name}\` is never known: ${bare} is of evaluation alone`,
      help: [`take \`${evaluated}\``],
    };
  }
  const meant = nearest(name, METRICS);
  const help = meant === undefined ? [] : [`did you mean \`${meant}\`?`];
  return { message: `there is no metric \`${name}\``, help: [...help, all] };
}

export function isGate(parsed: Gate | GateProblem): parsed is Gate {
  return 'metric' in parsed;
}

/**
 * @param metrics that a task has
 * @param hasTest whether there are samples for the end
 * @returns the figures of its runs, losses among them
 */
export function figuresOfTask(metrics: readonly { readonly name: string }[], hasTest: boolean): Metric[] {
  const names = new Set(['loss', ...metrics.map(({ name }) => name)]);
  return METRICS.filter((metric) => names.has(bareName(metric)) && (hasTest || !isOfTest(metric)));
}

/** Whether a figure is better when it is larger. */
export function isBetterLarger(metric: Metric): boolean {
  return betterOf(metric) === 'larger';
}
