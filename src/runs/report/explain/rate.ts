import { capital, formatCount, formatLoss, formatLr } from '../../../base/format.js';
import { namedLr, toCamelCase } from '../../../config/index.js';
import type { RunRecord } from '../../store/read.js';

/** More stretches of one learning rate each are told by the first and the last. */
const MOST_STRETCHES = 6;
/** A share of the whole fall that is worth telling, where an epoch brought it. */
const MUCH = 0.5;

/** The learning rate of a recorded step. */
interface Rate {
  readonly step: number;
  readonly lr: number;
}

/** What is on record of a run's learning rate, in the order of steps: by step, else by epoch. */
export function ratesOf({ steps, epochs }: RunRecord): Rate[] {
  const recorded = steps.length > 0 ? steps : epochs;
  return recorded.map(({ step, lr }) => ({ step, lr }));
}

/** Whether the learning rate of a run never changed, as far as is on record; so of its groups. */
export function isConstant(record: RunRecord): boolean {
  const { steps } = record;
  const first = steps[0]?.group_lrs ?? [];
  return (
    new Set(ratesOf(record).map(({ lr }) => lr)).size < 2 &&
    steps.every(({ group_lrs = [] }) => group_lrs.every((lr, i) => lr === first[i]))
  );
}

/**
 * @param record of a run
 * @returns its schedule, and what the learning rate was: from the steps on record, not from the schedule's formula
 */
export function scheduleText(record: RunRecord): string {
  const { optimizer, schedule } = record.config;
  const { key, lr } = namedLr(toCamelCase(record.config));
  const asked = `${optimizer.type} with ${key}=${formatLr(lr)}, ${schedule.type === 'constant' ? 'no schedule' : `schedule ${schedule.type}`}`;
  const rates = ratesOf(record);
  const [first] = rates;
  if (first === undefined) return `${asked}. No step is on record.`;
  const isOne = rates.every(({ lr: own }) => own === first.lr);
  const course = isOne ? `${formatLr(first.lr)} at every step` : courseText(rates);
  return `${asked}: ${course}.${groupsText(record)}`;
}

/** From where it went to where, by its turning points. */
function courseText(rates: readonly Rate[]): string {
  const first = rates[0]!;
  const last = rates.at(-1)!;
  // Not every step is on record: it was reached no later than there.
  const by = ({ step }: Rate) => `by step ${formatCount(step)}`;
  const highest = rates.reduce((a, b) => (b.lr > a.lr ? b : a));
  const lowest = rates[rates.findLastIndex(({ lr }) => lr !== last.lr) + 1]!;
  const rises = highest.lr > first.lr;
  const falls = last.lr < highest.lr;
  const begin = `${formatLr(first.lr)} at first`;
  const restarts = restartsIn(rates);
  if (restarts > 0) {
    const least = Math.min(...rates.map(({ lr }) => lr));
    return `${begin}, between ${formatLr(least)} and ${formatLr(highest.lr)}, up again ${restarts === 1 ? 'once' : `${restarts} times`}, ${formatLr(last.lr)} at the end`;
  }
  if (rises && falls)
    return `${begin}, up to ${formatLr(highest.lr)} ${by(highest)}, and down to ${formatLr(last.lr)} ${by(lowest)}`;
  return `${begin}, ${rises ? 'up' : 'down'} to ${formatLr(last.lr)} ${by(lowest)}`;
}

/** How often the learning rate rose after it had fallen. */
function restartsIn(rates: readonly Rate[]): number {
  const turns = rates.slice(1).flatMap(({ lr }, i) => (lr === rates[i]!.lr ? [] : [lr > rates[i]!.lr]));
  return turns.filter((rises, i) => rises && turns[i - 1] === false).length;
}

function groupsText({ config, steps, epochs }: RunRecord): string {
  const { groups } = config.optimizer;
  const own = (steps.length > 0 ? steps : epochs).map(({ group_lrs = [] }) => group_lrs);
  if (groups.length === 0 || own.length === 0) return '';
  const told = groups.flatMap((_, i) => {
    const rates = own.flatMap((lrs) => lrs[i] ?? []);
    if (rates.length === 0) return [];
    const [least, greatest] = [Math.min(...rates), Math.max(...rates)].map(formatLr);
    return `${groupName(config.optimizer, i)} had ${least === greatest ? least : `${least} to ${greatest}`}`;
  });
  return told.length === 0 ? '' : ` ${capital(told.join('; '))}.`;
}

/** `group 1 (layers 0-5)`: what its parameters are. */
export function groupName({ groups }: RunRecord['config']['optimizer'], index: number): string {
  const { layers, parameters } = groups[index]!;
  const selected = [
    ...(layers ? [`layers ${layers.join(', ')}`] : []),
    ...(parameters ? [[parameters].flat().join(', ')] : []),
  ];
  return `group ${index + 1} (${selected.join('; ')})`;
}

/**
 * @param record of a run
 * @returns what the training loss did meanwhile; null where no epoch came to its end
 */
export function effectText(record: RunRecord): string | null {
  const { epochs } = record;
  const [first, last] = [epochs[0], epochs.at(-1)];
  if (first === undefined || last === undefined) return null;
  if (first === last) return `The training loss was ${formatLoss(first.train_loss)} in its one epoch.`;
  if (first.train_loss === last.train_loss)
    return `The training loss was ${formatLoss(first.train_loss)} in the first epoch, and the same in the last.`;
  const verb = last.train_loss < first.train_loss ? 'fell' : 'rose';
  const whole = `The training loss ${verb} from ${formatLoss(first.train_loss)} in the first epoch to ${formatLoss(last.train_loss)} in the last`;
  const stretches = stretchesOf(record);
  if (stretches.length > 1 && stretches.length <= MOST_STRETCHES) {
    const told = stretches.map(
      ({ lr, to }) => `to ${formatLoss(to.train_loss)} by epoch ${to.epoch} with ${formatLr(lr)}`,
    );
    return `${whole}: ${told.join(', ')}.`;
  }
  const steepest = steepestOf(epochs);
  const fall = first.train_loss - last.train_loss;
  if (steepest === null || fall <= 0 || epochs.length < 4 || steepest.fall < MUCH * fall) return `${whole}.`;
  return `${whole}, most of it in epoch ${steepest.epoch}${isConstant(record) ? '' : `, which ended with a learning rate of ${formatLr(steepest.lr)}`}.`;
}

type Epoch = RunRecord['epochs'][number];

/** Stretches of epochs that ended with the same learning rate. */
function stretchesOf({ epochs }: RunRecord): { readonly lr: number; readonly to: Epoch }[] {
  const stretches: { lr: number; to: Epoch }[] = [];
  for (const epoch of epochs) {
    const last = stretches.at(-1);
    if (last?.lr === epoch.lr) last.to = epoch;
    else stretches.push({ lr: epoch.lr, to: epoch });
  }
  // With a learning rate of its own for each epoch, they tell no more than the curve.
  return stretches.length === epochs.length ? [] : stretches;
}

function steepestOf(
  epochs: readonly Epoch[],
): { readonly epoch: number; readonly lr: number; readonly fall: number } | null {
  const falls = epochs
    .slice(1)
    .map(({ epoch, lr, train_loss }, i) => ({ epoch, lr, fall: epochs[i]!.train_loss - train_loss }));
  return falls.length === 0 ? null : falls.reduce((a, b) => (b.fall > a.fall ? b : a));
}
