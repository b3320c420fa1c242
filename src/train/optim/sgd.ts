import { tensorflow } from '../engine/tensorflow.js';
import type { Parameter } from '../model/parameter.js';
import { Optimizer, type UpdateInput } from './optimizer.js';

export interface SgdOptions {
  readonly type: 'sgd';
  readonly lr: number;
  readonly momentum: number;
  readonly dampening: number;
  readonly weightDecay: number;
  readonly nesterov: boolean;
}

/**
 * Stochastic gradient descent, optionally with momentum.
 *
 *     g = grad + weight_decay * p
 *     b = momentum * b + (1 - dampening) * g        (b = g at the first step)
 *     d = g + momentum * b  if nesterov,  b  if momentum > 0,  else g
 *     p = p - lr * d
 *
 * Simple and predictable; with momentum 0.9 it rolls through noise and is often the best in the end. It needs a
 * learning rate that fits: start at 0.01. Other frameworks put lr into the buffer; PyTorch, and so this, does not.
 *
 * @source https://docs.pytorch.org/docs/stable/generated/torch.optim.SGD.html
 */
export class Sgd extends Optimizer<'momentum_buffer', 'lr' | 'keep' | 'take'> {
  protected readonly slots;

  constructor(
    parameters: readonly Parameter[],
    readonly options: SgdOptions,
  ) {
    super(parameters, options.lr);
    this.slots = options.momentum ? (['momentum_buffer'] as const) : [];
  }

  protected coefficients(lr: number, t: number) {
    const { momentum, dampening } = this.options;
    return { lr, keep: t === 1 ? 0 : momentum, take: t === 1 ? 1 : 1 - dampening };
  }

  protected update({ data, grad, state, at }: UpdateInput<'momentum_buffer', 'lr' | 'keep' | 'take'>) {
    const tf = tensorflow();
    const { momentum, weightDecay, nesterov } = this.options;
    const g = weightDecay ? tf.add(grad, tf.mul(data, weightDecay)) : grad;
    if (!momentum) return { data: tf.sub(data, tf.mul(g, at.lr)), state: {} };
    const buffer = tf.add(tf.mul(state.momentum_buffer, at.keep), tf.mul(g, at.take));
    const direction = nesterov ? tf.add(g, tf.mul(buffer, momentum)) : buffer;
    return { data: tf.sub(data, tf.mul(direction, at.lr)), state: { momentum_buffer: buffer } };
  }
}
