import { type Tensor, tensorflow } from '../backend/tensorflow.js';
import type { Parameter } from '../model/parameter.js';
import { lerp } from './lerp.js';
import { type CommonOptions, DECAYED, Optimizer } from './optimizer.js';
import type { StepPosition, UpdateFormula, UpdateInput, UpdateLine, UpdateOutput } from './update-rule.js';

interface SharedOptions extends CommonOptions {
  readonly betas: readonly [number, number];
  readonly eps: number;
  readonly weightDecay: number;
  readonly amsgrad: boolean;
}

export interface AdamOptions extends SharedOptions {
  readonly type: 'adam';
  readonly decoupledWeightDecay: boolean;
}

export interface AdamwOptions extends SharedOptions {
  readonly type: 'adamw';
}

/** Weight decay that is kept apart from the gradient. */
export const SHRUNK: UpdateLine = {
  gives: 'p',
  formula: 'p * (1 - lr * weight_decay)',
  says: 'weight decay, apart from the gradient',
};

type Slot = 'exp_avg' | 'exp_avg_sq' | 'max_exp_avg_sq';
type Coefficient = 'stepSize' | 'rootCorrection' | 'decay' | 'weight';

/**
 * Adam: each weight's step is scaled by the running averages of its gradient and of the gradient's square.
 *
 *     g = grad                                       (-grad to maximize)
 *     g = g + weight_decay * p                       (adam)
 *     p = p * (1 - lr * weight_decay)                (adamw, and adam with decoupled_weight_decay)
 *     m = beta1 * m + (1 - beta1) * g
 *     v = beta2 * v + (1 - beta2) * g^2              (amsgrad: the largest v so far)
 *     p = p - lr / (1 - beta1^t) * m / (sqrt(v) / sqrt(1 - beta2^t) + eps)
 *
 * Learns fast with little tuning: start at 0.001. Take adamw when the weights are to decay: there, the decay is not
 * scaled along with the gradient. tfjs and Keras default to eps 1e-7; Keras adds it to sqrt(v) before the correction.
 *
 * Defaults: lr 0.001, betas [0.9, 0.999], eps 1e-8, weight_decay 0 (adamw: 0.01), amsgrad false, maximize false,
 * decoupled_weight_decay false.
 *
 * @source https://docs.pytorch.org/docs/stable/generated/torch.optim.Adam.html; Kingma and Ba, 2015;
 * Loshchilov and Hutter, "Decoupled weight decay regularization", 2019
 */
export class Adam extends Optimizer<Slot, Coefficient> {
  readonly slots: readonly Slot[];

  constructor(
    parameters: readonly Parameter[],
    readonly options: AdamOptions | AdamwOptions,
  ) {
    super(parameters, options, options.betas[0]);
    this.slots = ['exp_avg', 'exp_avg_sq', ...(options.amsgrad ? (['max_exp_avg_sq'] as const) : [])];
  }

  coefficients(lr: number, t: number, beta1: number) {
    const beta2 = this.options.betas[1];
    return {
      weight: 1 - beta1,
      stepSize: lr / (1 - beta1 ** t),
      rootCorrection: Math.sqrt(1 - beta2 ** t),
      decay: 1 - lr * this.options.weightDecay,
    };
  }

  protected update({ data, grad, state, at, term }: UpdateInput<Slot, Coefficient>): UpdateOutput<Slot> {
    const tf = tensorflow();
    const { options } = this;
    const { betas, eps, weightDecay, amsgrad } = options;
    const [beta1, beta2] = betas;
    const decoupled = options.type === 'adamw' || options.decoupledWeightDecay;
    const p: Tensor = decoupled && weightDecay ? term('p', tf.mul(data, at.decay)) : data;
    const g: Tensor = !decoupled && weightDecay ? term('g', tf.add(grad, tf.mul(data, weightDecay))) : grad;
    // In PyTorch's order of operations (lerp, addcmul, addcdiv), so that float32 rounds where PyTorch rounds.
    const mean = term('m', lerp(state.exp_avg, g, at.weight, 1 - beta1));
    const square = term('v', tf.add(tf.mul(state.exp_avg_sq, beta2), tf.mul(tf.mul(g, 1 - beta2), g)));
    const largest = amsgrad ? term('v_max', tf.maximum(state.max_exp_avg_sq, square)) : square;
    const denominator = term('d', tf.add(tf.div(tf.sqrt(largest), at.rootCorrection), eps));
    return {
      data: term('p', tf.sub(p, tf.div(tf.mul(mean, at.stepSize), denominator))),
      state: { exp_avg: mean, exp_avg_sq: square, max_exp_avg_sq: largest },
    };
  }

  protected lines({ lr, t, momentum }: StepPosition): UpdateFormula {
    const { options } = this;
    const { betas, eps, weightDecay, amsgrad } = options;
    const decoupled = options.type === 'adamw' || options.decoupledWeightDecay;
    const largest = { gives: 'v_max', formula: 'max(v_max, v)', says: 'amsgrad: the largest v so far' };
    return {
      symbols: { lr, t, beta1: momentum, beta2: betas[1], eps, weight_decay: weightDecay },
      slots: { exp_avg: 'm', exp_avg_sq: 'v', max_exp_avg_sq: 'v_max' },
      lines: [
        ...(weightDecay ? [decoupled ? SHRUNK : DECAYED] : []),
        { gives: 'm', formula: 'beta1 * m + (1 - beta1) * g', says: 'exp_avg: running mean of g' },
        { gives: 'v', formula: 'beta2 * v + (1 - beta2) * g^2', says: 'exp_avg_sq: running mean of g^2' },
        ...(amsgrad ? [largest] : []),
        { gives: 'a', formula: 'lr / (1 - beta1^t)', says: 'lr, with m corrected', coefficient: 'stepSize' },
        { gives: 'c', formula: 'sqrt(1 - beta2^t)', says: 'corrects v', coefficient: 'rootCorrection' },
        { gives: 'd', formula: `sqrt(${amsgrad ? 'v_max' : 'v'}) / c + eps`, says: 'how large g usually is' },
        { gives: 'p', formula: 'p - a * m / d', says: 'the step' },
      ],
    };
  }
}
