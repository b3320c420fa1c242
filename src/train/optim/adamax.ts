import { tensorflow } from '../backend/tensorflow.js';
import type { Parameter } from '../model/parameter.js';
import { lerp } from './lerp.js';
import { type CommonOptions, Optimizer } from './optimizer.js';
import type { UpdateInput } from './update-rule.js';

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

  protected update({ data, grad, state, at }: UpdateInput<Slot, Coefficient>) {
    const tf = tensorflow();
    const { betas, eps, weightDecay } = this.options;
    const [beta1, beta2] = betas;
    const g = weightDecay ? tf.add(grad, tf.mul(data, weightDecay)) : grad;
    // In PyTorch's order of operations (lerp, addcdiv), so that float32 rounds where PyTorch rounds.
    const mean = lerp(state.exp_avg, g, at.weight, 1 - beta1);
    const largest = tf.maximum(tf.mul(state.exp_inf, beta2), tf.add(tf.abs(g), eps));
    return {
      data: tf.sub(data, tf.div(tf.mul(mean, at.stepSize), largest)),
      state: { exp_avg: mean, exp_inf: largest },
    };
  }
}
