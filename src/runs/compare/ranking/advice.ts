import { formatLr } from '../../../base/format.js';
import { namedLr, toCamelCase } from '../../../config/index.js';
import { isBetter } from '../../../train/task/index.js';
import { diagnosisText } from '../../diagnosis-text.js';
import { formatMetric, isShare, metricText } from '../../metric-text.js';
import { keyFor, type Measured } from '../../store/figures.js';
import type { RunRecord } from '../../store/read.js';
import type { EpochRecord, RecordedDiagnosis } from '../../store/records.js';
import { isWithinNoise } from '../../store/sample-noise.js';
import { type Neighbour, neighbours } from './neighbours.js';
import type { Ranked, Ranking } from './ranking.js';
import { mean } from './statistics.js';

/** A loss that still falls by this share in the last epoch has not arrived. */
const STILL_FALLING = 0.02;
/** Whose loss fell by less than this share of the best one's has a learning rate that does not fit. */
const SLOW = 0.5;
/** By less than this: far too small. */
const VERY_SLOW = 0.2;
/** A variant is unsteady that has lost so much of a share since its best epoch; of other metrics, relative to that. */
const LOST = 0.02;
const LOST_OF_VALUE = 0.1;

/**
 * What to try with a variant: what the runs' own diagnoses say; where they find nothing wrong, how it compares with the
 * best one, over all its seeds.
 *
 * @param variant one that got to the end; others need no advice
 * @param ranking of all
 * @param isTuned whether its learning rate was chosen among others already, so that no other is advised. Default: no
 * @returns a sentence, or none
 */
export function advice(variant: Ranked, ranking: Ranking, isTuned = false): string[] {
  const { runs, status, rank } = variant;
  const { best, metrics } = ranking;
  const [primary] = metrics;
  const records = recordsOf(runs);
  const [first] = records;
  if (status !== 'done' || first === undefined) return [];
  const { key, lr } = namedLr(toCamelCase(first.config));
  const found = finding(records, key);
  if (found !== null) {
    const direction = found.kind === 'too_slow' ? 'higher' : found.kind === 'too_large' ? 'lower' : null;
    if (isTuned && found.kind === 'too_short') return ['has only begun when it ended: train longer'];
    if (direction === null) return [found.text];
    const shown = isTuned ? [] : shownBy(variant, ranking, direction, key);
    if (shown === null) return [found.text];
    if (shown.length > 0) return shown;
  }

  const [fall, bestFall] = [fallOf(records), best === null ? null : fallOf(recordsOf(best.runs))];
  if (rank !== 1 && fall !== null && bestFall !== null && fall < bestFall * SLOW) {
    const shown = isTuned ? [] : shownBy(variant, ranking, 'higher', key);
    const factor = fall < bestFall * VERY_SLOW ? 10 : 3;
    if (shown === null) return [`too slow with ${key} ${formatLr(lr)}: raise it to ${formatLr(lr * factor)}`];
    if (shown.length > 0) return shown;
  }
  const lost = lostAgain(records, primary);
  if (lost !== null) {
    const remedy = steadier(records, key, isTuned);
    return [remedy === null ? lost : `${lost}: ${remedy} steadies it`];
  }
  const losses = meanByEpoch(records, ({ eval_loss, train_loss }) => eval_loss ?? train_loss);
  const [before, last] = losses.slice(-2);
  const isFalling =
    before !== undefined && last !== undefined && last.value < before.value * (1 - STILL_FALLING);
  return isFalling ? ['still improving when it ended: more epochs may change the order'] : [];
}

/**
 * What variants say that differ in the learning rate alone.
 *
 * @returns that one of them did better; nothing where one lies in the direction of the advice and did not, since then the advice
 * would be wrong; null: they say nothing of it
 */
function shownBy(
  variant: Ranked,
  ranking: Ranking,
  direction: 'higher' | 'lower',
  key: string,
): string[] | null {
  const all = neighbours(variant, ranking);
  const there = all.filter(({ isHigher }) => isHigher === (direction === 'higher'));
  const isBetter = ({ variant: { rank } }: Neighbour) =>
    rank !== null && (variant.rank === null || rank < variant.rank);
  // One on the other side that is better speaks against the advice too.
  const better = bestOf(there.filter(isBetter)) ?? bestOf(all.filter(isBetter));
  if (better !== undefined) {
    const side = better.isHigher ? 'higher' : 'lower';
    return [`${better.variant.name}, with a ${side} ${key}, does better`];
  }
  return there.length === 0 ? null : [];
}

const bestOf = (neighbours: readonly Neighbour[]): Neighbour | undefined =>
  [...neighbours].sort((a, b) => a.variant.rank! - b.variant.rank!)[0];

const recordsOf = (runs: Ranked['runs']) =>
  runs.flatMap(({ record }) => (record === null || record.epochs.length === 0 ? [] : [record]));

/** What is wrong with most of the runs that something is wrong with, and with how many. */
function finding(
  records: readonly RunRecord[],
  key: string,
): { readonly kind: string; readonly text: string } | null {
  const byKind = new Map<string, RecordedDiagnosis[]>();
  for (const diagnosis of records.map(({ summary }) => summary?.diagnosis)) {
    if (diagnosis == null || diagnosis.kind === 'healthy') continue;
    byKind.set(diagnosis.kind, [...(byKind.get(diagnosis.kind) ?? []), diagnosis]);
  }
  const [most] = [...byKind.values()].sort((a, b) => b.length - a.length);
  if (most === undefined) return null;
  const text = diagnosisText(toCamelCase(most[0]!), key).replace(/\.$/, '');
  const some = most.length < records.length ? `with ${most.length} of ${records.length} seeds: ` : '';
  return { kind: most[0]!.kind, text: `${some}${text.charAt(0).toLowerCase()}${text.slice(1)}` };
}

/**
 * What makes a run steadier, and was not done yet. That the curve fits the learning rate is not contradicted: then only a schedule is
 * left to try.
 */
function steadier(records: readonly RunRecord[], key: string, isTuned: boolean): string | null {
  const isHealthy = records.every(({ summary }) => summary?.diagnosis?.kind === 'healthy');
  const isFalling = records.every(
    ({ epochs }) => epochs.at(-1)!.lr < Math.max(...epochs.map(({ lr }) => lr)),
  );
  const lower = isTuned || isHealthy ? [] : [`a lower ${key}`];
  const schedule = isFalling
    ? []
    : [
        lower.length > 0
          ? 'one that falls (a schedule),'
          : `${key.startsWith('o') ? 'an' : 'a'} ${key} that falls (a schedule)`,
      ];
  return [...lower, ...schedule].join(', or ') || null;
}

/** That the runs were better in an epoch than they are at the end, by more than the choice of samples makes; null: they were not. */
function lostAgain(records: readonly RunRecord[], primary: Measured): string | null {
  const key = keyFor('eval', primary);
  const values = meanByEpoch(records, (epoch) => epoch[key] ?? null);
  const last = values.at(-1);
  if (last === undefined) return null;
  const peak = values.reduce((a, b) => (isBetter(key, b.value, a.value) ? b : a));
  const lost = Math.abs(peak.value - last.value);
  if (lost === 0 || lost < (isShare(key) ? LOST : LOST_OF_VALUE * Math.abs(peak.value))) return null;
  if (isShare(key) && isWithinNoise(key, [peak.value, last.value], records[0]!)) return null;
  const had = formatMetric(key, peak.value);
  return isShare(key) && primary.better === 'larger'
    ? `had ${had} after epoch ${peak.epoch} and lost some of it again`
    : `had ${metricText(key)} ${had} after epoch ${peak.epoch} and got worse again`;
}

/** How far the training loss fell, from the first step that is recorded. */
function fallOf(records: readonly RunRecord[]): number | null {
  const falls = records.flatMap(({ steps, epochs }) => {
    const [first, last] = [steps[0]?.loss ?? epochs[0]?.train_loss, epochs.at(-1)?.train_loss];
    return first == null || last === undefined ? [] : [first - last];
  });
  return falls.length === 0 ? null : mean(falls);
}

/** The mean over the runs at the end of each epoch for which all of them have the figure. */
function meanByEpoch(
  records: readonly RunRecord[],
  figure: (epoch: EpochRecord) => number | null,
): { readonly epoch: number; readonly value: number }[] {
  return records[0]!.epochs.flatMap(({ epoch }, i) => {
    const values = records.flatMap(({ epochs }) => (epochs[i] ? (figure(epochs[i]) ?? []) : []));
    return values.length === records.length ? [{ epoch, value: mean(values) }] : [];
  });
}
