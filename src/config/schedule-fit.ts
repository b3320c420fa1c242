import { afterWarmup, type WarmupOptions, warmupLength } from '../train/schedule/warmup.js';
import { toCamelCase } from './naming.js';
import { count, listing } from './problems/text.js';
import type { ConfigYaml } from './schema/index.js';

type Schedule = ConfigYaml['schedule'];
type Unit = 'epoch' | 'step';

/** What of a configuration decides whether its schedule fits. */
export type Scheduled = Pick<
  ConfigYaml,
  'epochs' | 'schedule' | 'evaluation' | 'dataset' | 'loader' | 'accumulate'
>;

/** A schedule that does not do within the run what it says. */
export interface Misfit {
  /** Whether nothing could be learnt so, or nothing of the schedule be seen; else it is only odd. */
  readonly isFatal: boolean;
  readonly path: string;
  readonly message: string;
  readonly help: readonly string[];
}

/**
 * Finds out where a schedule does not fit the run: a warm-up or a cycle that leaves nothing of it, milestones and falls
 * beyond its end, lines and cosines that are shorter or longer than it. The same is said in epochs and in steps.
 *
 * @param config the blocks that decide it, defaults filled in
 * @param stepsPerEpoch optimizer steps of an epoch; null: not known before the data is there, so that what counts steps
 * is left out
 * @returns what does not fit, in words that name the keys
 */
export function scheduleMisfits(config: Scheduled, stepsPerEpoch: number | null): Misfit[] {
  const { epochs, schedule } = config;
  const warmup: WarmupOptions | null = toCamelCase(schedule.warmup);
  // Of what is not known nothing is found: it is no number, and neither more nor less than any.
  const total = { epoch: epochs, step: epochs * (stepsPerEpoch ?? Number.NaN) };
  if (warmup !== null && warmup.duration >= total[warmup.interval]) {
    return [warmupMisfit(warmup, total[warmup.interval], stepsPerEpoch)];
  }
  if (schedule.type === 'reduce_on_plateau') return plateauMisfits(schedule, config);
  if (schedule.type === 'constant') return [];
  const unit = schedule.interval;
  const length = afterWarmup(total, warmupLength(warmup, total))[unit];
  if (Number.isNaN(length)) return [];
  const has = `the run has ${count(length, unit)}${warmup === null ? '' : ' after its warm-up'}`;
  if (schedule.type === 'one_cycle') return cycleMisfits(schedule, length, has);
  return oddities(schedule, length, has).map((text) => odd(`schedule ${schedule.type}: ${text}`));
}

/**
 * Optimizer steps of an epoch, where the configuration alone tells.
 *
 * @param config its data, loader and accumulation
 * @returns null: of files, only reading them tells how many samples there are
 */
export function plannedStepsPerEpoch({ dataset, loader, accumulate }: Scheduled): number | null {
  if (dataset.type !== 'shapes') return null;
  const { train_size, split } = dataset;
  // How many are left is plain only where exactly so many are held out.
  if (split !== null && (split.by === 'hash' || split.stratify)) return null;
  const left = train_size - Math.round((split?.val ?? 0) * train_size);
  const samples = Math.min(left, loader.limit ?? Number.POSITIVE_INFINITY);
  const batches = samples / loader.batch_size;
  return Math.ceil((loader.drop_last ? Math.floor(batches) : Math.ceil(batches)) / accumulate);
}

function odd(message: string): Misfit {
  return { isFatal: false, path: 'schedule', message, help: [] };
}

function warmupMisfit(
  { duration, interval }: WarmupOptions,
  total: number,
  stepsPerEpoch: number | null,
): Misfit {
  const more =
    interval === 'epoch'
      ? `set epochs to more than ${duration}, or schedule.warmup.interval to step`
      : `make it shorter, set schedule.warmup to null, or set epochs to ${Math.floor(duration / stepsPerEpoch!) + 1} or more`;
  return {
    isFatal: true,
    path: 'schedule.warmup.duration',
    message: `expected less than ${total}, the ${interval}s of the run; received ${duration}`,
    help: [more],
  };
}

function cycleMisfits(
  schedule: Extract<Schedule, { type: 'one_cycle' }>,
  length: number,
  has: string,
): Misfit[] {
  const { interval, pct_start, three_phase } = schedule;
  if (length === 1) {
    const message = `one_cycle rises and falls over the run, and ${has}: nothing could be learnt at its last learning rate`;
    const help = interval === 'epoch' ? 'set schedule.interval to step' : 'set epochs to more';
    return [{ isFatal: true, path: 'schedule.type', message, help: [help] }];
  }
  const rise = pct_start * length;
  if (pct_start > 0 && rise <= 1) {
    const text = `pct_start ${pct_start} leaves no ${interval} to rise in, as ${has}: it begins near max_lr`;
    return [odd(`schedule one_cycle: ${text}`)];
  }
  if (three_phase && 2 * rise - 2 >= length - 1) {
    const text = `with three_phase, the fall takes as long as the rise, and pct_start ${pct_start} leaves it too little: ${has}`;
    return [odd(`schedule one_cycle: ${text}`)];
  }
  return [];
}

/** The first figure is always better than none, and a fall shows only in an epoch that follows. */
function plateauMisfits(
  { patience, monitor }: Extract<Schedule, { type: 'reduce_on_plateau' }>,
  { epochs, evaluation }: Scheduled,
): Misfit[] {
  const isEvaluated = monitor !== 'train_loss';
  if (isEvaluated && evaluation.every === 0) return [];
  const figures = isEvaluated ? Math.floor((epochs - 1) / evaluation.every) : epochs - 1;
  if (figures >= patience + 2) return [];
  const needed = count(patience + 2, isEvaluated ? 'evaluation' : 'epoch');
  return [
    odd(
      `schedule reduce_on_plateau: with patience ${patience} the learning rate can fall after ${needed} at the earliest, and there are ${figures} before the last epoch`,
    ),
  ];
}

type Counted = Exclude<Schedule, { type: 'constant' | 'one_cycle' | 'reduce_on_plateau' }>;

/** What is odd about a schedule that counts to `length`, whose last position is one less. */
function oddities(schedule: Counted, length: number, has: string): string[] {
  const unit = schedule.interval;
  const times = (n: number) => count(n, unit);
  if (length === 1) {
    const finer = unit === 'epoch' ? '; schedule.interval: step changes it within the epoch' : '';
    return [
      `it changes the learning rate from ${unit} to ${unit}, and ${has}, so that it stays as it is${finer}`,
    ];
  }
  switch (schedule.type) {
    case 'step':
      return schedule.step_size < length
        ? []
        : [`the learning rate would first fall after ${times(schedule.step_size)}, and ${has}`];
    case 'multi_step': {
      const beyond = schedule.milestones.filter((milestone) => milestone >= length).map(String);
      const [noun, verb] = beyond.length === 1 ? ['milestone', 'is'] : ['milestones', 'are'];
      return beyond.length === 0 ? [] : [`${noun} ${listing(beyond)} ${verb} never reached: ${has}`];
    }
    case 'exponential':
      return [];
    case 'cosine':
      return cosineOddities(schedule.t_max, length, has, unit);
    case 'cosine_restarts':
      return restartOddities(schedule, length, has, unit);
    case 'linear':
      return schedule.total_iters <= length || schedule.start_factor === schedule.end_factor
        ? []
        : [`the learning rate would get to end_factor after ${times(schedule.total_iters)}, and ${has}`];
    case 'polynomial':
      return polynomialOddities(schedule, length, has, unit);
  }
}

function cosineOddities(tMax: number | null, length: number, has: string, unit: Unit): string[] {
  if (tMax === null) return [];
  if (tMax > length) return [`the learning rate would get to eta_min after ${count(tMax, unit)}, and ${has}`];
  return tMax < length - 1 ? [`the learning rate rises again after ${count(tMax, unit)}: ${has}`] : [];
}

function restartOddities(
  { t_0, t_mult }: Extract<Schedule, { type: 'cosine_restarts' }>,
  length: number,
  has: string,
  unit: Unit,
): string[] {
  let [start, period] = [t_mult === 1 ? length - (length % t_0) : 0, t_0];
  for (; t_mult > 1 && start + period <= length; period *= t_mult) start += period;
  if (start === length) return [];
  const ends = [...(start === 0 ? [] : [start]), start + period].map(String);
  const text = `the last cosine ends after ${length - start} of its ${count(period, unit)}, as ${has}: one would end with ${listing(ends, 'or')}`;
  return [text];
}

function polynomialOddities(
  { total_iters, power }: Extract<Schedule, { type: 'polynomial' }>,
  length: number,
  has: string,
  unit: Unit,
): string[] {
  if (power === 0 || total_iters === length) return [];
  const when = `after ${count(total_iters, unit)}`;
  return total_iters > length
    ? [`the learning rate would get to 0 ${when}, and ${has}`]
    : [`the learning rate is 0 ${when}, and nothing is learnt any more: ${has}`];
}
