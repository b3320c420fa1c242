import { formatDuration, plural } from '../../base/format.js';
import type { Ranked, Ranking } from '../../runs/compare/ranking/ranking.js';
import type { Estimate } from '../../runs/compare/ranking/statistics.js';
import { formatMetric, metricText } from '../../runs/metric-text.js';
import { keyFor } from '../../runs/store/figures.js';
import type { MetricName } from '../../train/task/index.js';
import type { Table } from '../ui/table.js';

/**
 * The variants in their order: the primary metric and the loss at the end, the metric of the samples
 * that were left for it, the lowest loss, how soon the target was reached, time of training.
 *
 * @param ranking the figures
 * @returns the table
 */
export function tableOf(ranking: Ranking): Table {
  const { by, target, variants, metrics, hasTest } = ranking;
  const [primary] = metrics;
  const isEvaluated = variants.some(({ figures }) => figures.eval_loss != null);
  const split = isEvaluated ? 'eval' : 'train';
  const key = keyFor(split, primary);
  const test = `test_${primary.name as MetricName}` as const;
  const extra = by === key || by === `${split}_loss` || by === `best_${split}_loss` ? null : by;
  const head = [
    '',
    'variant',
    `${split} ${primary.label}`,
    `${split} loss`,
    ...(hasTest ? [`test ${primary.label}`] : []),
    'best loss',
    ...(extra === null ? [] : [metricText(extra)]),
    ...(target === null ? [] : [`to ${formatMetric(target.metric, target.bound)}`]),
    'trained',
  ];
  const rows = variants.map((variant) => [
    variant.rank === null ? '-' : `${variant.rank}`,
    variant.name,
    cell(key, variant.figures[key]),
    cell(`${split}_loss`, variant.figures[`${split}_loss`]),
    ...(hasTest ? [cell(test, variant.figures[test])] : []),
    bestLoss(variant, `${split}_loss`),
    ...(extra === null ? [] : [cell(extra, variant.figures[extra])]),
    ...(target === null ? [] : [toTarget(variant)]),
    formatDuration(variant.trainSeconds),
  ]);
  return { head, rows, texts: ['variant', 'verdict'], expendable: EXPENDABLE, shrinkable: 'variant' };
}

/** What is left out first where a terminal is too narrow. */
const EXPENDABLE = /^(trained|best loss|(eval|train) loss)$/;

/** The mean, with its 95 % confidence interval where there are several seeds. */
function cell(metric: string, value: Estimate | null | undefined): string {
  if (value == null) return '-';
  const mean = formatMetric(metric, value.mean);
  if (value.margin === null) return mean;
  const margin = formatMetric(metric, value.margin);
  return `${mean.replace(/ %$/, '')} ± ${margin}`;
}

function bestLoss({ figures, runs }: Ranked, key: 'eval_loss' | 'train_loss'): string {
  const best = figures[`best_${key}`];
  if (best == null) return '-';
  const mean = formatMetric(key, best.mean);
  const [run] = runs;
  if (runs.length > 1 || run?.record == null) return mean;
  const epoch = run.record.epochs.find((record) => record[key] === best.mean)?.epoch;
  return epoch === undefined ? mean : `${mean} @${epoch}`;
}

function toTarget({ toTarget: reached, runs }: Ranked): string {
  if (reached === null) return 'never';
  const { epochs, seconds } = reached;
  const count = Number.isInteger(epochs) ? plural(epochs, 'epoch') : `${epochs.toFixed(1)} epochs`;
  const some = reached.reached < runs.length ? ` (${reached.reached} of ${runs.length})` : '';
  return `${count}, ${formatDuration(seconds)}${some}`;
}
