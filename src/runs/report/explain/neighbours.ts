import { formatLr } from '../../../base/format.js';
import { isBetterLarger, namedLr, toCamelCase } from '../../../config/index.js';
import { formatMetric, metricText } from '../../metric-text.js';
import { leaves } from '../../store/differences.js';
import type { EpochKey } from '../../store/figures.js';
import type { RunRecord } from '../../store/read.js';
import { differentSamples } from '../../store/samples.js';
import { figureOf } from './optimizers.js';

/** Keys in which runs may differ that differ in the learning rate alone. */
const APART =
  /^(name|runs_dir|seed|log_every|tensorboard|expect|checkpoint\.(?!monitor)|optimizer\.lr$|schedule\.max_lr$)/;
/** The usual factor between two learning rates of a search. */
export const STRIDE = 3;

/** A learning rate that was tried, and what came of it. */
export interface Tried {
  readonly lr: number;
  /** The mean over its runs, of those with other seeds too; null: one of them diverged, or was never measured. */
  readonly value: number | null;
  readonly diverged: boolean;
  readonly isOwn: boolean;
}

/** What is known of a run's learning rate by runs with others. */
export interface Neighbours {
  readonly key: EpochKey;
  /** From the smallest on. */
  readonly tried: readonly Tried[];
}

/**
 * Finds the runs that differ from one in nothing but the learning rate, and their seed.
 *
 * @param record of the run
 * @param all records of the report, itself among them
 * @returns what was tried; null: no other learning rate was
 */
export function neighboursOf(record: RunRecord, all: readonly RunRecord[]): Neighbours | null {
  const like = conditions(record);
  const key = figureOf(record);
  const part = key.startsWith('eval') ? 'eval' : 'train';
  const own = lrOf(record);
  const alike = all.filter(
    (other) =>
      other === record ||
      (conditions(other) === like &&
        differentSamples(
          [record, other].map((one) => ({ name: one.path, record: one })),
          part,
        ) === null),
  );
  const rates = [...new Set(alike.map(lrOf))].sort((a, b) => a - b);
  if (rates.length < 2) return null;
  const tried = rates.map((lr): Tried => {
    const runs = alike.filter((one) => lrOf(one) === lr);
    const values = runs.map(({ epochs, diverged }) => (diverged ? null : (epochs.at(-1)?.[key] ?? null)));
    const known = values.filter((value) => value !== null);
    return {
      lr,
      value: known.length === runs.length ? known.reduce((a, b) => a + b, 0) / known.length : null,
      diverged: runs.some(({ diverged }) => diverged !== null),
      isOwn: lr === own,
    };
  });
  return { key, tried };
}

const lrOf = (record: RunRecord): number => namedLr(toCamelCase(record.config)).lr;

function conditions({ config }: RunRecord): string {
  return JSON.stringify([...leaves(config)].filter(([key]) => !APART.test(key)));
}

/** What came of each learning rate that was tried, in a sentence. */
export function triedText({ key, tried }: Neighbours): string {
  const each = tried.map(({ lr, value, diverged, isOwn }) => {
    const came = diverged ? 'diverged' : value === null ? 'was not measured' : formatMetric(key, value);
    return `${formatLr(lr)}${isOwn ? ' (this one)' : ''} ${came}`;
  });
  return `Tried with nothing else changed, ${metricText(key)} at the end by learning rate: ${each.join('; ')}.`;
}

/** What to try next, by what was tried. */
export interface Next {
  readonly text: string;
  /** Whether it says more than the run's own curve: it was tried. */
  readonly direction: 'larger' | 'smaller' | 'none';
}

/**
 * @param neighbours what was tried
 * @param lrKey the key of the learning rate
 * @returns what follows; null: nothing does
 */
export function nextOf({ key, tried }: Neighbours, lrKey: string): Next | null {
  const measured = tried.filter((one): one is Tried & { value: number } => one.value !== null);
  if (measured.length === 0) return null;
  const best = measured.reduce((a, b) =>
    (isBetterLarger(key) ? b.value > a.value : b.value < a.value) ? b : a,
  );
  const own = tried.find(({ isOwn }) => isOwn)!;
  if (best !== own) {
    const against = own.value === null ? '' : ` against ${formatMetric(key, own.value)}`;
    return {
      text: `Take ${lrKey}=${formatLr(best.lr)}: it was tried and ended better, with ${formatMetric(key, best.value)}${against}.`,
      direction: best.lr > own.lr ? 'larger' : 'smaller',
    };
  }
  if (measured.some((other) => other !== own && other.value === best.value)) return null;
  const at = tried.indexOf(own);
  const to = (lr: number) => `${lrKey}=${formatLr(Number(lr.toPrecision(2)))}`;
  if (at === tried.length - 1) {
    return {
      text: `The largest that was tried is the best: a larger one may be better still. Try: ${to(own.lr * STRIDE)}`,
      direction: 'larger',
    };
  }
  if (at === 0) {
    return {
      text: `The smallest that was tried is the best: a smaller one may be better still. Try: ${to(own.lr / STRIDE)}`,
      direction: 'smaller',
    };
  }
  return {
    text: `Both the next smaller and the next larger one that were tried ended worse: the best lies between ${formatLr(tried[at - 1]!.lr)} and ${formatLr(tried[at + 1]!.lr)}.`,
    direction: 'none',
  };
}
