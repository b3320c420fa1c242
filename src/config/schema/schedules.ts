import { z } from 'zod';
import { MONITORS } from '../../train/task/index.js';
import {
  decayRate,
  nonNegative,
  nonNegativeInt,
  optional,
  positive,
  positiveInt,
  probability,
} from './fields.js';

const units = z.enum(['epoch', 'step']);
const interval = units.default('epoch').describe('What the schedule counts: epochs, or optimizer steps.');
const gamma = positive.describe('Factor of each decay.');
const etaMin = nonNegative.default(0).describe('The lowest learning rate.');
/** A share of the learning rate to begin with. */
const startFactor = z
  .number()
  .positive()
  .max(1)
  .default(1 / 3);
const totalIters = (end: string) => positiveInt.default(5).describe(`Intervals until ${end}.`);

const warmup = optional(
  z
    .strictObject({
      duration: positiveInt.describe('Intervals of the warm-up; the schedule begins after them, from 0.'),
      interval: units.default('step').describe('What duration counts: epochs, or optimizer steps.'),
      start_factor: startFactor.describe("Share of the schedule's first learning rate to begin with."),
    })
    .describe('A straight line in front of the schedule (LinearLR, joined by SequentialLR).'),
).describe('Lead up to the first learning rate in a straight line. Default: begin with it.');

const constant = z
  .strictObject({ type: z.literal('constant'), warmup })
  .describe('The learning rate stays as it is.');

const step = z
  .strictObject({
    type: z.literal('step'),
    step_size: positiveInt.describe('Intervals between two decays.'),
    gamma: gamma.default(0.1),
    interval,
    warmup,
  })
  .describe('Multiplies the learning rate by gamma every step_size intervals (StepLR).');

const multiStep = z
  .strictObject({
    type: z.literal('multi_step'),
    milestones: z
      .array(positiveInt)
      .min(1)
      .refine((list) => list.every((milestone, i) => i === 0 || milestone > list[i - 1]!), {
        error: 'each milestone must be larger than the one before it',
      })
      .describe('Intervals after which the learning rate decays, increasing.'),
    gamma: gamma.default(0.1),
    interval,
    warmup,
  })
  .describe('Multiplies the learning rate by gamma at each milestone (MultiStepLR).');

const exponential = z
  .strictObject({ type: z.literal('exponential'), gamma, interval, warmup })
  .describe('Multiplies the learning rate by gamma every interval (ExponentialLR).');

const cosine = z
  .strictObject({
    type: z.literal('cosine'),
    t_max: positiveInt
      .nullable()
      .default(null)
      .describe('Intervals until eta_min. Default: the whole run, less its warm-up.'),
    eta_min: etaMin,
    interval,
    warmup,
  })
  .describe('Half a cosine from lr down to eta_min (CosineAnnealingLR).');

const cosineRestarts = z
  .strictObject({
    type: z.literal('cosine_restarts'),
    t_0: positiveInt.describe('Intervals until the first restart.'),
    t_mult: positiveInt.default(1).describe('How many times as long each cosine is as the one before.'),
    eta_min: etaMin,
    interval,
    warmup,
  })
  .describe('Half a cosine from lr down to eta_min, again and again (CosineAnnealingWarmRestarts).');

const linear = z
  .strictObject({
    type: z.literal('linear'),
    start_factor: startFactor.describe('Share of the learning rate to begin with.'),
    end_factor: probability.default(1).describe('Share of the learning rate to end with.'),
    total_iters: totalIters('end_factor'),
    interval,
    warmup,
  })
  .describe('A straight line from one share of the learning rate to another (LinearLR).');

const polynomial = z
  .strictObject({
    type: z.literal('polynomial'),
    total_iters: totalIters('the learning rate is 0'),
    power: nonNegative.default(1).describe('1: in a straight line; more: faster at first.'),
    interval,
    warmup,
  })
  .describe('From lr down to 0 by a power of what is left (PolynomialLR).');

const oneCycle = z
  .strictObject({
    type: z.literal('one_cycle'),
    max_lr: positive.describe('The highest learning rate. The lr of the optimizer is not used.'),
    pct_start: probability.default(0.3).describe('Share of the run in which the learning rate rises.'),
    anneal_strategy: z.enum(['cos', 'linear']).default('cos').describe('The form of each rise and fall.'),
    cycle_momentum: z
      .boolean()
      .default(true)
      .describe('Let the momentum (beta1, where there are betas) go the other way than the learning rate.'),
    base_momentum: decayRate.default(0.85).describe('Momentum where the learning rate is highest.'),
    max_momentum: decayRate.positive().default(0.95).describe('Momentum at the start and at the end.'),
    div_factor: positive.default(25).describe('The first learning rate is max_lr / div_factor.'),
    final_div_factor: positive
      .default(1e4)
      .describe('The last learning rate is the first / final_div_factor.'),
    three_phase: z
      .boolean()
      .default(false)
      .describe('Fall to the first learning rate as fast as it rose, and to the last in a phase of its own.'),
    interval: units.default('step').describe('What the schedule counts: epochs, or optimizer steps.'),
    warmup,
  })
  .refine((block) => block.base_momentum <= block.max_momentum, {
    path: ['base_momentum'],
    error: 'base_momentum must be at most max_momentum',
  })
  .describe('Up to max_lr and far down again, once in the whole run less its warm-up (OneCycleLR).');

const reduceOnPlateau = z
  .strictObject({
    type: z.literal('reduce_on_plateau'),
    monitor: z
      .enum(MONITORS)
      .default('eval_loss')
      .describe('The figure to watch: the accuracy is to rise, a loss to fall.'),
    factor: positive.lt(1).default(0.1).describe('Factor of each reduction.'),
    patience: nonNegativeInt
      .default(10)
      .describe(
        'How many figures in a row may be no better: one comes from each evaluation or, of train_loss, epoch.',
      ),
    threshold: nonNegative.default(1e-4).describe('By how much a figure must be better than the best.'),
    threshold_mode: z
      .enum(['rel', 'abs'])
      .default('rel')
      .describe('Whether threshold is a share of the best figure, or an amount.'),
    cooldown: nonNegativeInt.default(0).describe('Figures to pass over after a reduction.'),
    min_lr: nonNegative.default(0).describe('The lowest learning rate.'),
    eps: nonNegative.default(1e-8).describe('Reductions by no more than this are left out.'),
    warmup,
  })
  .describe(
    'Multiplies the learning rate by factor when a figure stops improving (ReduceLROnPlateau). Figures count during the warm-up too.',
  );

export const scheduleSchema = z
  .discriminatedUnion('type', [
    constant,
    step,
    multiStep,
    exponential,
    cosine,
    cosineRestarts,
    linear,
    polynomial,
    oneCycle,
    reduceOnPlateau,
  ])
  .describe('How the learning rate changes during the run.');
