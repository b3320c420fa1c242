import { tensorflow } from '../backend/tensorflow.js';
import type { Parameter } from '../model/parameter.js';
import { lerp } from './lerp.js';
import { type CommonOptions, DECAYED, Optimizer } from './optimizer.js';
import type { StepPosition, UpdateFormula, UpdateInput, UpdateOutput } from './update-rule.js';

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

  protected update({ data, grad, state, at, term }: UpdateInput<Slot, Coefficient>): UpdateOutput<Slot> {
    const tf = tensorflow();
    const { alpha, eps, weightDecay, momentum, centered } = this.options;
    const g = weightDecay ? term('g', tf.add(grad, tf.mul(data, weightDecay))) : grad;
    // In PyTorch's order of operations (addcmul, lerp, addcdiv), so that float32 rounds where PyTorch rounds.
    const square = term('v', tf.add(tf.mul(state.square_avg, alpha), tf.mul(tf.mul(g, 1 - alpha), g)));
    const average = centered ? term('a', lerp(state.grad_avg, g, 1 - alpha, 1 - alpha)) : square;
    const variance = centered ? term('w', tf.sub(square, tf.mul(average, average))) : square;
    const denominator = term('d', tf.add(tf.sqrt(variance), eps));
    const averages = { square_avg: square, ...(centered && { grad_avg: average }) };
    if (!momentum) {
      return { data: term('p', tf.sub(data, tf.div(tf.mul(g, at.lr), denominator))), state: averages };
    }
    const buffer = term('b', tf.add(tf.mul(state.momentum_buffer, at.momentum), tf.div(g, denominator)));
    return {
      data: term('p', tf.sub(data, tf.mul(buffer, at.lr))),
      state: { ...averages, momentum_buffer: buffer },
    };
  }

  protected lines({ lr, momentum }: StepPosition): UpdateFormula {
    const { alpha, eps, weightDecay, momentum: hasMomentum, centered } = this.options;
    const variance = [
      { gives: 'a', formula: 'alpha * a + (1 - alpha) * g', says: 'grad_avg: running mean of g' },
      { gives: 'w', formula: 'v - a^2', says: 'centered: the variance of g' },
    ];
    const buffer = { gives: 'b', formula: 'momentum * b + g / d', says: 'momentum buffer' };
    return {
      symbols: { lr, momentum, alpha, eps, weight_decay: weightDecay },
      slots: { square_avg: 'v', grad_avg: 'a', momentum_buffer: 'b' },
      lines: [
        ...(weightDecay ? [DECAYED] : []),
        { gives: 'v', formula: 'alpha * v + (1 - alpha) * g^2', says: 'square_avg: running mean of g^2' },
        ...(centered ? variance : []),
        { gives: 'd', formula: `sqrt(${centered ? 'w' : 'v'}) + eps`, says: 'how large g usually is' },
        ...(hasMomentum ? [buffer] : []),
        { gives: 'p', formula: hasMomentum ? 'p - lr * b' : 'p - lr * g / d', says: 'the step' },
      ],
    };
  }
}
