import { type Tensor, tensorflow } from '../backend/tensorflow.js';
import type { Parameter } from '../model/parameter.js';
import { SHRUNK } from './adam.js';
import { lerp } from './lerp.js';
import { type CommonOptions, DECAYED, Optimizer } from './optimizer.js';
import type { StepPosition, UpdateFormula, UpdateInput, UpdateOutput } from './update-rule.js';

export interface NadamOptions extends CommonOptions {
  readonly type: 'nadam';
  readonly betas: readonly [number, number];
  readonly eps: number;
  readonly weightDecay: number;
  readonly momentumDecay: number;
  readonly decoupledWeightDecay: boolean;
}

type Slot = 'exp_avg' | 'exp_avg_sq';
type Coefficient = 'weight' | 'decay' | 'correction' | 'gradSize' | 'meanSize';

/**
 * NAdam: Adam with Nesterov's momentum, which looks ahead to where the momentum is about to lead.
 *
 *     g = grad                                              (-grad to maximize)
 *     g = g + weight_decay * p                              (p = p * (1 - lr * weight_decay) when decoupled)
 *     mu(t) = beta1 * (1 - 0.96^(t * momentum_decay) / 2)
 *     m = beta1 * m + (1 - beta1) * g
 *     v = beta2 * v + (1 - beta2) * g^2
 *     d = sqrt(v / (1 - beta2^t)) + eps
 *     p = p - lr * (1 - mu(t)) / (1 - mu(1) * ... * mu(t)) * g / d
 *           - lr * mu(t+1) / (1 - mu(1) * ... * mu(t+1)) * m / d
 *
 * Where Adam does well, often a little faster; start at 0.002. Its momentum mu rises from half of beta1 to beta1,
 * as t grows, over some hundred / momentum_decay steps. Keras has no momentum_decay (as if it were 1) and eps 1e-7; tfjs no NAdam.
 *
 * Defaults: lr 0.002, betas [0.9, 0.999], eps 1e-8, weight_decay 0, momentum_decay 0.004, maximize false,
 * decoupled_weight_decay false.
 *
 * @source https://docs.pytorch.org/docs/stable/generated/torch.optim.NAdam.html; Dozat, "Incorporating Nesterov
 * momentum into Adam", 2016
 */
export class Nadam extends Optimizer<Slot, Coefficient> {
  readonly slots: readonly Slot[] = ['exp_avg', 'exp_avg_sq'];
  #product = { t: 0, value: 1 };

  constructor(
    parameters: readonly Parameter[],
    readonly options: NadamOptions,
  ) {
    super(parameters, options, options.betas[0]);
  }

  coefficients(lr: number, t: number, beta1: number) {
    const { betas, weightDecay } = this.options;
    const mu = this.#mu(t, beta1);
    const next = this.#mu(t + 1, beta1);
    const product = this.#muProduct(t, beta1);
    return {
      weight: 1 - beta1,
      decay: 1 - lr * weightDecay,
      correction: 1 - betas[1] ** t,
      gradSize: (lr * (1 - mu)) / (1 - product),
      meanSize: (lr * next) / (1 - product * next),
    };
  }

  #mu(t: number, beta1: number): number {
    return beta1 * (1 - 0.5 * 0.96 ** (t * this.options.momentumDecay));
  }

  /**
   * PyTorch's `mu_product`, with its float32 rounding. It depends on t alone while beta1 stays the same, and so is no
   * state to be saved; the last one is kept, or each step would multiply them all again.
   */
  #muProduct(t: number, beta1: number): number {
    if (t < this.#product.t) this.#product = { t: 0, value: 1 };
    while (this.#product.t < t) {
      const next = this.#product.t + 1;
      const value = Math.fround(this.#product.value * Math.fround(this.#mu(next, beta1)));
      this.#product = { t: next, value };
    }
    return this.#product.value;
  }

  protected update({ data, grad, state, at, term }: UpdateInput<Slot, Coefficient>): UpdateOutput<Slot> {
    const tf = tensorflow();
    const { betas, eps, weightDecay, decoupledWeightDecay: decoupled } = this.options;
    const [beta1, beta2] = betas;
    const p: Tensor = decoupled && weightDecay ? term('p', tf.mul(data, at.decay)) : data;
    const g: Tensor = !decoupled && weightDecay ? term('g', tf.add(grad, tf.mul(data, weightDecay))) : grad;
    // In PyTorch's order of operations (lerp, addcmul, addcdiv), so that float32 rounds where PyTorch rounds.
    const mean = term('m', lerp(state.exp_avg, g, at.weight, 1 - beta1));
    const square = term('v', tf.add(tf.mul(state.exp_avg_sq, beta2), tf.mul(tf.mul(g, 1 - beta2), g)));
    const denominator = term('d', tf.add(tf.sqrt(tf.div(square, at.correction)), eps));
    const moved = term('p', tf.sub(p, tf.div(tf.mul(g, at.gradSize), denominator)));
    return {
      data: term('p', tf.sub(moved, tf.div(tf.mul(mean, at.meanSize), denominator))),
      state: { exp_avg: mean, exp_avg_sq: square },
    };
  }

  protected lines({ lr, t, momentum: beta1 }: StepPosition): UpdateFormula {
    const { betas, eps, weightDecay, decoupledWeightDecay } = this.options;
    const momenta = {
      mu: this.#mu(t, beta1),
      mu_next: this.#mu(t + 1, beta1),
      mus: this.#muProduct(t, beta1),
    };
    const ofGrad = {
      gives: 'a',
      formula: 'lr * (1 - mu) / (1 - mus)',
      says: 'for g; mu: momentum now, mus: product of all so far',
    };
    const ofMean = {
      gives: 'e',
      formula: 'lr * mu_next / (1 - mus * mu_next)',
      says: 'for m; mu_next: momentum of the next step',
    };
    return {
      symbols: { lr, t, beta1, beta2: betas[1], eps, weight_decay: weightDecay, ...momenta },
      slots: { exp_avg: 'm', exp_avg_sq: 'v' },
      lines: [
        ...(weightDecay ? [decoupledWeightDecay ? SHRUNK : DECAYED] : []),
        { gives: 'm', formula: 'beta1 * m + (1 - beta1) * g', says: 'exp_avg: running mean of g' },
        { gives: 'v', formula: 'beta2 * v + (1 - beta2) * g^2', says: 'exp_avg_sq: running mean of g^2' },
        { gives: 'c', formula: '1 - beta2^t', says: 'corrects v', coefficient: 'correction' },
        { gives: 'd', formula: 'sqrt(v / c) + eps', says: 'how large g usually is' },
        { ...ofGrad, coefficient: 'gradSize' },
        { gives: 'p', formula: 'p - a * g / d', says: 'a step along g' },
        { ...ofMean, coefficient: 'meanSize' },
        { gives: 'p', formula: 'p - e * m / d', says: 'and one along m, already with the next momentum' },
      ],
    };
  }
}
