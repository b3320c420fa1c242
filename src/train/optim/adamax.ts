import { tensorflow } from '../backend/tensorflow.js';
import type { Parameter } from '../model/parameter.js';
import { lerp } from './lerp.js';
import { type CommonOptions, DECAYED, Optimizer } from './optimizer.js';
import type { StepPosition, UpdateFormula, UpdateInput, UpdateOutput } from './update-rule.js';

export interface AdamaxOptions extends CommonOptions {
  readonly type: 'adamax';
  readonly betas: readonly [number, number];
  readonly eps: number;
  readonly weightDecay: number;
}

type Slot = 'exp_avg' | 'exp_inf';
type Coefficient = 'weight' | 'stepSize';

/**
 * Adamax: Adam that divides by the largest recent gradient instead of the root of its mean square.
 *
 *     g = grad                                              (-grad to maximize)
 *     g = g + weight_decay * p
 *     m = beta1 * m + (1 - beta1) * g
 *     u = max(beta2 * u, |g| + eps)
 *     p = p - lr / (1 - beta1^t) * m / u
 *
 * No single step is much longer than lr, so it is calm where a few gradients are far larger than the rest, as with
 * embeddings; start at 0.002. Keras and tfjs add eps (1e-7) to u at the end; in PyTorch u itself remembers it.
 *
 * Defaults: lr 0.002, betas [0.9, 0.999], eps 1e-8, weight_decay 0, maximize false.
 *
 * @source https://docs.pytorch.org/docs/stable/generated/torch.optim.Adamax.html; Kingma and Ba, 2015, section 7.1
 */
export class Adamax extends Optimizer<Slot, Coefficient> {
  readonly slots: readonly Slot[] = ['exp_avg', 'exp_inf'];

  constructor(
    parameters: readonly Parameter[],
    readonly options: AdamaxOptions,
  ) {
    super(parameters, options, options.betas[0]);
  }

  coefficients(lr: number, t: number, beta1: number) {
    return { weight: 1 - beta1, stepSize: lr / (1 - beta1 ** t) };
  }

  protected update({ data, grad, state, at, term }: UpdateInput<Slot, Coefficient>): UpdateOutput<Slot> {
    const tf = tensorflow();
    const { betas, eps, weightDecay } = this.options;
    const [beta1, beta2] = betas;
    const g = weightDecay ? term('g', tf.add(grad, tf.mul(data, weightDecay))) : grad;
    // In PyTorch's order of operations (lerp, addcdiv), so that float32 rounds where PyTorch rounds.
    const mean = term('m', lerp(state.exp_avg, g, at.weight, 1 - beta1));
    const largest = term('u', tf.maximum(tf.mul(state.exp_inf, beta2), tf.add(tf.abs(g), eps)));
    return {
      data: term('p', tf.sub(data, tf.div(tf.mul(mean, at.stepSize), largest))),
      state: { exp_avg: mean, exp_inf: largest },
    };
  }

  protected lines({ lr, t, momentum }: StepPosition): UpdateFormula {
    const { betas, eps, weightDecay } = this.options;
    const size = { gives: 'a', formula: 'lr / (1 - beta1^t)', says: 'lr, with m corrected' };
    return {
      symbols: { lr, t, beta1: momentum, beta2: betas[1], eps, weight_decay: weightDecay },
      slots: { exp_avg: 'm', exp_inf: 'u' },
      lines: [
        ...(weightDecay ? [DECAYED] : []),
        { gives: 'm', formula: 'beta1 * m + (1 - beta1) * g', says: 'exp_avg: running mean of g' },
        { gives: 'u', formula: 'max(beta2 * u, abs(g) + eps)', says: 'exp_inf: the largest g of late' },
        { ...size, coefficient: 'stepSize' },
        { gives: 'p', formula: 'p - a * m / u', says: 'the step' },
      ],
    };
  }
}
