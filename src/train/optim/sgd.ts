import { tensorflow } from '../backend/tensorflow.js';
import type { Parameter } from '../model/parameter.js';
import { type CommonOptions, DECAYED, Optimizer } from './optimizer.js';
import type { StepPosition, UpdateFormula, UpdateInput, UpdateOutput } from './update-rule.js';

export interface SgdOptions extends CommonOptions {
  readonly type: 'sgd';
  readonly momentum: number;
  readonly dampening: number;
  readonly weightDecay: number;
  readonly nesterov: boolean;
}

type Slot = 'momentum_buffer';
type Coefficient = 'lr' | 'momentum' | 'keep' | 'take';

/**
 * Stochastic gradient descent, optionally with momentum.
 *
 *     g = grad                                      (-grad to maximize)
 *     g = g + weight_decay * p
 *     b = momentum * b + (1 - dampening) * g        (b = g at the first step)
 *     d = g + momentum * b  if nesterov,  b  if momentum > 0,  else g
 *     p = p - lr * d
 *
 * Simple and predictable; with momentum 0.9 it rolls through noise and is often the best in the end. It needs a
 * learning rate that fits: start at 0.01. tfjs and Keras know no dampening; Keras puts lr into the buffer, which
 * PyTorch, and so this, does not: it differs as soon as lr changes.
 *
 * Defaults: lr 0.001, momentum 0, dampening 0, weight_decay 0, nesterov false, maximize false.
 *
 * @source https://docs.pytorch.org/docs/stable/generated/torch.optim.SGD.html
 */
export class Sgd extends Optimizer<Slot, Coefficient> {
  readonly slots: readonly Slot[];

  constructor(
    parameters: readonly Parameter[],
    readonly options: SgdOptions,
  ) {
    super(parameters, options, options.momentum);
    this.slots = options.momentum ? ['momentum_buffer'] : [];
  }

  coefficients(lr: number, t: number, momentum: number) {
    return {
      lr,
      momentum,
      keep: t === 1 ? 0 : momentum,
      take: t === 1 ? 1 : 1 - this.options.dampening,
    };
  }

  protected update({ data, grad, state, at, term }: UpdateInput<Slot, Coefficient>): UpdateOutput<Slot> {
    const tf = tensorflow();
    const { momentum, weightDecay, nesterov } = this.options;
    const g = weightDecay ? term('g', tf.add(grad, tf.mul(data, weightDecay))) : grad;
    if (!momentum) return { data: term('p', tf.sub(data, tf.mul(g, at.lr))), state: {} };
    const buffer = term('b', tf.add(tf.mul(state.momentum_buffer, at.keep), tf.mul(g, at.take)));
    const direction = nesterov ? term('d', tf.add(g, tf.mul(buffer, at.momentum))) : buffer;
    return { data: term('p', tf.sub(data, tf.mul(direction, at.lr))), state: { momentum_buffer: buffer } };
  }

  protected lines({ lr, t, momentum }: StepPosition): UpdateFormula {
    const { dampening, weightDecay, nesterov, momentum: hasMomentum } = this.options;
    const first = { formula: 'g', says: 'momentum buffer: begins with the gradient' };
    const later = {
      formula: 'momentum * b + (1 - dampening) * g',
      says: 'momentum buffer: most of the last one, and the gradient',
    };
    const ahead = { gives: 'd', formula: 'g + momentum * b', says: 'nesterov: looks ahead' };
    const buffer = { gives: 'b', ...(t === 1 ? first : later) };
    const direction = hasMomentum ? (nesterov ? 'd' : 'b') : 'g';
    return {
      symbols: { lr, momentum, dampening, weight_decay: weightDecay },
      slots: { momentum_buffer: 'b' },
      lines: [
        ...(weightDecay ? [DECAYED] : []),
        ...(hasMomentum ? [buffer, ...(nesterov ? [ahead] : [])] : []),
        { gives: 'p', formula: `p - lr * ${direction}`, says: 'the step' },
      ],
    };
  }
}
