import { tensorflow } from '../backend/tensorflow.js';
import type { Parameter } from '../model/parameter.js';
import { lerp } from './lerp.js';
import { type CommonOptions, Optimizer } from './optimizer.js';
import type { UpdateInput } from './update-rule.js';

export interface RmspropOptions extends CommonOptions {
  readonly type: 'rmsprop';
  readonly alpha: number;
  readonly eps: number;
  readonly weightDecay: number;
  readonly momentum: number;
  readonly centered: boolean;
}

type Slot = 'square_avg' | 'grad_avg' | 'momentum_buffer';
type Coefficient = 'lr' | 'momentum';

/**
 * RMSprop: each weight's step is scaled by the running average of its squared gradient.
 *
 *     g = grad                                       (-grad to maximize)
 *     g = g + weight_decay * p
 *     v = alpha * v + (1 - alpha) * g^2
 *     a = alpha * a + (1 - alpha) * g                (centered: v - a^2 in place of v below)
 *     d = g / (sqrt(v) + eps)
 *     b = momentum * b + d;  p = p - lr * b          (momentum > 0)
 *     p = p - lr * d                                 (otherwise)
 *
 * Good for gradients whose size varies much, as in recurrent networks. v starts at zero without correction, so the
 * first steps are up to 1/sqrt(1 - alpha) = 10 times lr: start at 0.001. tfjs and Keras put eps inside the root, where
 * the same number weighs much more.
 *
 * Defaults: lr 0.01, alpha 0.99, eps 1e-8, weight_decay 0, momentum 0, centered false, maximize false.
 *
 * @source https://docs.pytorch.org/docs/stable/generated/torch.optim.RMSprop.html; Hinton, lecture 6e, 2012
 */
export class Rmsprop extends Optimizer<Slot, Coefficient> {
  readonly slots: readonly Slot[];

  constructor(
    parameters: readonly Parameter[],
    readonly options: RmspropOptions,
  ) {
    super(parameters, options, options.momentum);
    const { centered, momentum } = options;
    this.slots = [
      'square_avg',
      ...(centered ? (['grad_avg'] as const) : []),
      ...(momentum ? (['momentum_buffer'] as const) : []),
    ];
  }

  coefficients(lr: number, _t: number, momentum: number) {
    return { lr, momentum };
  }

  protected update({ data, grad, state, at }: UpdateInput<Slot, Coefficient>) {
    const tf = tensorflow();
    const { alpha, eps, weightDecay, momentum, centered } = this.options;
    const g = weightDecay ? tf.add(grad, tf.mul(data, weightDecay)) : grad;
    // In PyTorch's order of operations (addcmul, lerp, addcdiv), so that float32 rounds where PyTorch rounds.
    const square = tf.add(tf.mul(state.square_avg, alpha), tf.mul(tf.mul(g, 1 - alpha), g));
    const average = centered ? lerp(state.grad_avg, g, 1 - alpha, 1 - alpha) : square;
    const variance = centered ? tf.sub(square, tf.mul(average, average)) : square;
    const denominator = tf.add(tf.sqrt(variance), eps);
    const averages = { square_avg: square, ...(centered && { grad_avg: average }) };
    if (!momentum) return { data: tf.sub(data, tf.div(tf.mul(g, at.lr), denominator)), state: averages };
    const buffer = tf.add(tf.mul(state.momentum_buffer, at.momentum), tf.div(g, denominator));
    return { data: tf.sub(data, tf.mul(buffer, at.lr)), state: { ...averages, momentum_buffer: buffer } };
  }
}
