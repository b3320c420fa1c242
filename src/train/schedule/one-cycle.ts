import type { Interval, Position, Schedule } from './schedule.js';

export interface OneCycleOptions {
  readonly type: 'one_cycle';
  readonly maxLr: number;
  readonly pctStart: number;
  readonly annealStrategy: 'cos' | 'linear';
  readonly cycleMomentum: boolean;
  readonly baseMomentum: number;
  readonly maxMomentum: number;
  readonly divFactor: number;
  readonly finalDivFactor: number;
  readonly threePhase: boolean;
  readonly interval: Interval;
}

type FromTo = readonly [from: number, to: number];

interface Phase {
  readonly start: number;
  readonly end: number;
  readonly lr: FromTo;
  readonly momentum: FromTo;
}

/**
 * The 1cycle policy: the learning rate rises to maxLr and falls far below where it began, once in the whole run; the
 * momentum goes the other way. Trains fast at learning rates that would be too large from the start.
 *
 *     initial = max_lr / div_factor,   last = initial / final_div_factor
 *     rise    initial to max_lr, momentum from max to base     until t = pct_start * total - 1
 *     fall    max_lr to last, momentum from base to max        until t = total - 1
 *
 *     three_phase: the fall leads to initial, until t = 2 * pct_start * total - 2, and then
 *     end     initial to last, momentum stays at max           until t = total - 1
 *
 *     within a phase, at its share s in [0, 1]:
 *     cos     to + (from - to) * (1 + cos(pi s)) / 2
 *     linear  from + (to - from) * s
 *
 * The optimizer's own learning rate is not used, nor is its momentum (beta1, where it has betas) while it is cycled.
 * The cycle always takes the whole run, less its warm-up. A rise of no length, by which PyTorch divides, is over as it
 * begins; after the end, where PyTorch throws, the last value stays.
 *
 * @param options maxLr; pctStart, share of the rise, default 0.3; annealStrategy, default cos; cycleMomentum, default
 * true; baseMomentum, default 0.85; maxMomentum, default 0.95; divFactor, default 25; finalDivFactor, default 1e4;
 * threePhase, default false; interval, default step
 * @param total length of the whole run, less its warm-up
 * @returns the schedule, of lr and, when cycleMomentum, of the momentum
 * @source https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.OneCycleLR.html;
 * Smith and Topin, "Super-convergence: very fast training of neural networks using large learning rates", 2017
 */
export function oneCycle(options: OneCycleOptions, total: Position): Schedule {
  const { interval, cycleMomentum } = options;
  const phases = phasesOf(options, total[interval]);
  const anneal = options.annealStrategy === 'cos' ? annealCos : annealLinear;
  return (position) => {
    const { share, lr, momentum } = within(phases, position[interval]);
    return { lr: anneal(lr, share), momentum: cycleMomentum ? anneal(momentum, share) : null };
  };
}

/**
 * @param options the cycle's
 * @param total length of the whole run, less its warm-up
 * @param position where in it
 * @returns the phase that it is in, and how much of it is over
 */
export function phaseAt(options: OneCycleOptions, total: Position, position: Position) {
  return within(phasesOf(options, total[options.interval]), position[options.interval]);
}

function within(phases: readonly Phase[], t: number): Phase & { readonly share: number } {
  const phase = phases.find(({ end }) => t <= end) ?? phases.at(-1)!;
  const { start, end } = phase;
  return { ...phase, share: end === start ? 1 : Math.min((t - start) / (end - start), 1) };
}

function phasesOf(options: OneCycleOptions, total: number): Phase[] {
  const { maxLr, pctStart, divFactor, finalDivFactor, baseMomentum, maxMomentum, threePhase } = options;
  const initial = maxLr / divFactor;
  const last = initial / finalDivFactor;
  const top = pctStart * total - 1;
  const rise: Phase = { start: 0, end: top, lr: [initial, maxLr], momentum: [maxMomentum, baseMomentum] };
  const fallTo = (lr: number, end: number): Phase => ({
    start: top,
    end,
    lr: [maxLr, lr],
    momentum: [baseMomentum, maxMomentum],
  });
  if (!threePhase) return [rise, fallTo(last, total - 1)];
  const bottom = 2 * pctStart * total - 2;
  const momentum: FromTo = [maxMomentum, maxMomentum];
  return [rise, fallTo(initial, bottom), { start: bottom, end: total - 1, lr: [initial, last], momentum }];
}

function annealCos([from, to]: FromTo, share: number): number {
  return to + ((from - to) / 2) * (Math.cos(Math.PI * share) + 1);
}

function annealLinear([from, to]: FromTo, share: number): number {
  return (to - from) * share + from;
}
