import { formatLoss, formatPercent } from '../base/format.js';
import { bareName, metricKind } from '../train/task/index.js';

/**
 * How figures are put into words. Each takes a loss or a metric by its name, of whatever part of the data: `accuracy`,
 * `eval_loss`, `best_train_accuracy`.
 */

/** `eval accuracy` for `eval_accuracy`. */
export const metricText = (figure: string): string => figure.replaceAll('_', ' ');

/** Whether it is a share, which people read in percent. @throws RangeError when there is no such figure */
export function isShare(figure: string): boolean {
  const name = bareName(figure);
  return name !== 'loss' && metricKind(name).display === 'share';
}

/** A share in percent, any other figure with four decimals; one of evaluation alone need not be defined. */
export function formatMetric(figure: string, value: number): string {
  if (Number.isNaN(value)) return 'not defined';
  return isShare(figure) ? formatPercent(value) : formatLoss(value);
}

/** A figure as far as `formatMetric` prints it: what is told of two such figures is to be true of what is seen of them. */
export function printedValue(figure: string, value: number): number {
  return isShare(figure) ? Number((value * 100).toFixed(2)) / 100 : Number(formatLoss(value));
}

/**
 * @param figure which
 * @param difference between two values of it
 * @param margin how far it may be off; null: nobody knows
 * @returns of shares in points, `1.25 ± 0.50 points`, else `0.0125 ± 0.0050`
 */
export function formatDifference(figure: string, difference: number, margin: number | null = null): string {
  const number = (value: number) => (isShare(figure) ? (value * 100).toFixed(2) : formatLoss(value));
  const text = [difference, ...(margin === null ? [] : [margin])].map(number).join(' ± ');
  return isShare(figure) ? `${text} points` : text;
}
