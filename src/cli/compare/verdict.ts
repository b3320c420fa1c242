import { isBetterLarger, namedLr, toCamelCase } from '../../config/index.js';
import { listing } from '../../config/problems/text.js';
import type { RunRecord } from '../run/read.js';
import { formatLr, formatMetric, plural } from '../ui/format.js';
import type { Analysis, Ranked, Target } from './analysis.js';

/** What the figures mean, in words. */
export interface Verdict {
  /** Which variant to use, and why. */
  readonly overall: readonly string[];
  /** By variant, the most important first. */
  readonly variants: ReadonlyMap<string, readonly string[]>;
}

/** A best epoch this early, and a loss this much higher at the end, mean overfitting. */
const OVERFIT_BY = 1.1;
/** A loss that still falls by this share in the last epoch has not arrived. */
const STILL_FALLING = 0.02;
/** Whose loss fell by less than this share of the best one's has a learning rate that does not fit. */
const SLOW = 0.5;
/** By less than this: far too small. */
const VERY_SLOW = 0.2;

/**
 * Says which variant to use and why, and about each how it did and what to try.
 *
 * @param analysis the figures
 * @returns the verdict
 */
export function judge(analysis: Analysis): Verdict {
  const quickest = quickestOf(analysis);
  const variants = analysis.variants.map((variant): [string, string[]] => [
    variant.name,
    [
      ...standing(variant, analysis),
      ...(variant === quickest ? [fastest(variant, analysis)] : []),
      ...advice(variant, analysis),
    ],
  ]);
  return { overall: overall(analysis, quickest), variants: new Map(variants) };
}

function overall(analysis: Analysis, quickest: Ranked | null): string[] {
  const { best, by, target, variants } = analysis;
  if (best === null) return ['No variant got to the end.'];
  const figure = best.figures[by]!;
  const others = variants.filter(({ rank }) => rank !== null && rank > 1);
  const alike = others.filter(({ behind }) => behind?.significant === false);
  const and = quickest === best && target !== null ? `, and is the first at ${targetText(target)}` : '';
  const lines = [
    `Use ${best.name}: it ends best, with ${metricText(by)} ${formatMetric(by, figure.mean)}${and}.`,
  ];
  if (others.length > 0 && figure.count === 1) {
    lines.push('One seed each: a small lead can be luck. --seeds 3 tells whether it is more.');
  } else if (alike.length > 0) {
    lines.push(
      `Not significantly better than ${listing(alike.map(({ name }) => name))}: over ${figure.count} seeds, that can be luck.`,
    );
  } else if (others.length > 0) {
    lines.push(
      `Significantly better than ${others.length === 1 ? others[0]!.name : 'every other'} over ${figure.count} seeds.`,
    );
  }
  if (quickest !== null && quickest !== best && target !== null) {
    const { toTarget } = quickest;
    lines.push(
      `For a quick result ${quickest.name}: ${targetText(target)} after ${epochsText(toTarget!.epochs)}${best.toTarget ? `, ${best.name} after ${epochsText(best.toTarget.epochs)}` : ''}.`,
    );
  }
  return lines;
}

function standing(variant: Ranked, { best, by }: Analysis): string[] {
  const { status, rank, behind, runs } = variant;
  if (status === 'failed') return ['failed: see its log'];
  if (status === 'diverged') return [diverged(variant)];
  if (status === 'unfinished') return ['not finished'];
  if (rank === null) return [`${by} was never measured`];
  if (rank === 1) return ['best at the end'];
  if (behind === null || best === null) return [];
  const { mean, margin, significant } = behind;
  const unit = by.endsWith('accuracy') ? `${(mean * 100).toFixed(2)} points` : mean.toFixed(4);
  if (mean === 0) return [`level with ${best.name}`];
  if (margin === null) return [`${unit} behind ${best.name}`];
  const spread = by.endsWith('accuracy') ? (margin * 100).toFixed(2) : margin.toFixed(4);
  const number = unit.replace(' points', '');
  const pair = `${number} ± ${spread}${unit.endsWith('points') ? ' points' : ''} behind ${best.name}`;
  return [significant ? pair : `${pair}: not significant over ${runs.length} seeds`];
}

function diverged({ runs }: Ranked): string {
  const records = runs.flatMap(({ record }) => record?.diverged ?? []);
  const some = records.length < runs.length ? ` with ${records.length} of ${runs.length} seeds` : '';
  const [first] = records;
  if (first === undefined) return `diverged${some}`;
  const config = runs.find(({ record }) => record?.diverged)!.record!.config;
  const lower = Math.min(...records.map((record) => record.suggested_lr));
  return `diverged${some} at step ${first.step}: lower ${namedLr(toCamelCase(config)).key} to ${formatLr(lower)}`;
}

/** The variant that reached the target in the fewest epochs, if all its runs did and no other was as quick. */
function quickestOf({ variants, target }: Analysis): Ranked | null {
  if (target === null) return null;
  const reached = variants.filter(
    ({ toTarget, runs, rank }) => rank !== null && toTarget?.reached === runs.length,
  );
  const [first, second] = [...reached].sort((a, b) => a.toTarget!.epochs - b.toTarget!.epochs);
  return first !== undefined && (second === undefined || first.toTarget!.epochs < second.toTarget!.epochs)
    ? first
    : null;
}

const fastest = ({ toTarget }: Ranked, { target }: Analysis) =>
  `fastest start: ${targetText(target!)} after ${epochsText(toTarget!.epochs)}`;

/** The diagnosis that the run has recorded itself; of one that has none, what its curve shows. */
function advice({ runs, status, rank }: Ranked, { best }: Analysis): string[] {
  const [run] = runs;
  if (status !== 'done' || run?.record == null) return [];
  const diagnosis = run.record.summary?.diagnosis as { kind?: unknown; advice?: unknown } | null | undefined;
  if (diagnosis != null && typeof diagnosis.advice === 'string') {
    return diagnosis.kind === 'healthy' ? [] : [diagnosis.advice.replace(/\.$/, '')];
  }
  const { epochs, config } = run.record;
  const last = epochs.at(-1);
  if (last === undefined) return [];
  const { key, lr } = namedLr(toCamelCase(config));
  const [fall, bestFall] = [fallOf(run.record), best?.runs[0]?.record ? fallOf(best.runs[0].record) : null];
  if (rank !== 1 && fall !== null && bestFall !== null && fall < bestFall * SLOW) {
    const isSteady = epochs.every(({ train_loss }, i) => i === 0 || train_loss < epochs[i - 1]!.train_loss);
    const factor = fall < bestFall * VERY_SLOW ? 10 : 3;
    return isSteady
      ? [`too slow with ${key} ${formatLr(lr)}: raise it to ${formatLr(lr * factor)}`]
      : [`its loss does not fall steadily with ${key} ${formatLr(lr)}: lower it to ${formatLr(lr / 10)}`];
  }
  const losses = epochs.map((epoch) => epoch.eval_loss ?? epoch.train_loss);
  const least = Math.min(...losses);
  if (last.eval_loss !== null && last.eval_loss > least * OVERFIT_BY && last.train_loss < last.eval_loss) {
    const epoch = epochs[losses.indexOf(least)]!.epoch;
    return [`overfits: its evaluation loss was lowest after epoch ${epoch} (best.safetensors is from there)`];
  }
  const before = losses.at(-2);
  const isFalling = before !== undefined && losses.at(-1)! < before * (1 - STILL_FALLING);
  return isFalling ? ['still improving when it ended: more epochs may change the order'] : [];
}

/** How far the training loss fell, from the first step that is recorded. */
function fallOf({ steps, epochs }: RunRecord): number | null {
  const [first, last] = [steps[0]?.loss ?? epochs[0]?.train_loss, epochs.at(-1)?.train_loss];
  return first == null || last === undefined ? null : first - last;
}

export const metricText = (metric: string) => metric.replaceAll('_', ' ');

export function targetText({ metric, bound }: Target): string {
  return `${metricText(metric)} ${isBetterLarger(metric) ? '' : '≤ '}${formatMetric(metric, bound)}`;
}

const epochsText = (epochs: number) =>
  Number.isInteger(epochs) ? plural(epochs, 'epoch') : `${epochs.toFixed(1)} epochs`;
