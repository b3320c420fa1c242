/** What is known of a metric before there is a task: its name, and which of two is better. */
export interface MetricKind {
  /** As records have it: `accuracy` for `train_accuracy` and `eval_accuracy`. */
  readonly name: string;
  /** As short as tables want it. */
  readonly label: string;
  readonly better: 'larger' | 'smaller';
  /** How it is written: a share, from 0 to 1, in percent; any other value as it is. */
  readonly display: 'share' | 'value';
  /** Whether only an evaluation has it, as it is made of all of a model's outputs; absent: training has it too. */
  readonly evaluationOnly?: true;
}

/** Metrics by name, such as `accuracy`. */
export type Metrics = Readonly<Record<string, number>>;

/** Share of the samples that count that are classified right. */
export const ACCURACY = {
  name: 'accuracy',
  label: 'acc',
  better: 'larger',
  display: 'share',
} as const satisfies MetricKind;

/** Share of the samples whose class is among the five greatest outputs. */
export const TOP5_ACCURACY = {
  name: 'top5_accuracy',
  label: 'top5',
  better: 'larger',
  display: 'share',
  evaluationOnly: true,
} as const satisfies MetricKind;

/** Mean of the classes' recall: each class counts alike, however rare it is. */
export const BALANCED_ACCURACY = {
  name: 'balanced_accuracy',
  label: 'bal acc',
  better: 'larger',
  display: 'share',
  evaluationOnly: true,
} as const satisfies MetricKind;

/** Mean of the classes' F1. */
export const MACRO_F1 = {
  name: 'macro_f1',
  label: 'f1',
  better: 'larger',
  display: 'value',
  evaluationOnly: true,
} as const satisfies MetricKind;

/** Of two classes: how often a sample of the second has a greater score than one of the first. */
export const AUROC = {
  name: 'auroc',
  label: 'auroc',
  better: 'larger',
  display: 'value',
  evaluationOnly: true,
} as const satisfies MetricKind;

/** Mean of -log of the probability of the right class. */
export const LOG_LOSS = {
  name: 'log_loss',
  label: 'log loss',
  better: 'smaller',
  display: 'value',
  evaluationOnly: true,
} as const satisfies MetricKind;

/** Expected calibration error: how far probabilities are from how often they are right. */
export const ECE = {
  name: 'ece',
  label: 'ece',
  better: 'smaller',
  display: 'value',
  evaluationOnly: true,
} as const satisfies MetricKind;

/** Of the next token: among so many equally likely ones a model as unsure would choose. */
export const PERPLEXITY = {
  name: 'perplexity',
  label: 'ppl',
  better: 'smaller',
  display: 'value',
  evaluationOnly: true,
} as const satisfies MetricKind;

/** Of the next token: how many bits its choice takes. */
export const BITS_PER_CHAR = {
  name: 'bits_per_char',
  label: 'bpc',
  better: 'smaller',
  display: 'value',
  evaluationOnly: true,
} as const satisfies MetricKind;

/** Root of the mean squared error, in the units of what is said. */
export const RMSE = {
  name: 'rmse',
  label: 'rmse',
  better: 'smaller',
  display: 'value',
} as const satisfies MetricKind;

/** Mean absolute error, in the units of what is said. */
export const MAE = {
  name: 'mae',
  label: 'mae',
  better: 'smaller',
  display: 'value',
} as const satisfies MetricKind;

/** Share of what the targets vary by that is explained; 0: no better than their mean. */
export const R2 = {
  name: 'r2',
  label: 'r2',
  better: 'larger',
  display: 'value',
} as const satisfies MetricKind;

/** Every metric that some task has. Names mean the same in all of them. */
const KINDS = [
  ...[ACCURACY, TOP5_ACCURACY, BALANCED_ACCURACY, MACRO_F1, AUROC, LOG_LOSS, ECE],
  ...[PERPLEXITY, BITS_PER_CHAR],
  ...[RMSE, MAE, R2],
] as const;

export type MetricName = (typeof KINDS)[number]['name'];

export const METRIC_NAMES: readonly MetricName[] = KINDS.map(({ name }) => name);

/** Those that training lacks. */
export const EVALUATION_METRICS: readonly MetricName[] = KINDS.filter((kind) => 'evaluationOnly' in kind).map(
  ({ name }) => name,
);

const SHARES_OF_SAMPLES: ReadonlySet<string> = new Set([
  ACCURACY.name,
  TOP5_ACCURACY.name,
  BALANCED_ACCURACY.name,
]);

/** Whether a metric is a share of samples that are right: what guessing gets of them follows the binomial distribution. */
export const isShareOfSamples = (name: string): boolean => SHARES_OF_SAMPLES.has(name);

/** Whether a metric moves in steps of about a sample: one more moves that of classes each by about as much. */
export const movesBySample = (name: string): boolean => isShareOfSamples(name) || name === MACRO_F1.name;

/** A figure that is known after an epoch; those of the evaluation, only after epochs that have one. */
export type Monitor = 'eval_loss' | `eval_${MetricName}` | 'train_loss';

export const MONITORS: readonly Monitor[] = [
  'eval_loss',
  ...METRIC_NAMES.map((name) => `eval_${name}` as const),
  'train_loss',
];

/** A metric by its name. @throws RangeError when no task has it */
export function metricKind(name: string): MetricKind {
  const kind: MetricKind | undefined = KINDS.find((known) => known.name === name);
  if (kind === undefined) throw new RangeError(`there is no metric ${name}`);
  return kind;
}

/**
 * @param figure a loss or a metric, of whatever part of the data: `eval_loss`, `best_train_accuracy`, `test_rmse`
 * @returns its name alone: `loss`, `accuracy`, `rmse`
 */
export const bareName = (figure: string): string => figure.replace(/^(best_)?(train|eval|test)_/, '');

/**
 * Which of two is better.
 *
 * @param figure a loss or a metric, of whatever part of the data: `eval_loss`, `best_train_accuracy`
 * @returns smaller for a loss
 * @throws RangeError when there is no such figure
 */
export function betterOf(figure: string): MetricKind['better'] {
  const name = bareName(figure);
  return name === 'loss' ? 'smaller' : metricKind(name).better;
}

/** Whether a figure has become better than it was. */
export function isBetter(figure: string, value: number, than: number): boolean {
  return betterOf(figure) === 'larger' ? value > than : value < than;
}
