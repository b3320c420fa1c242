import { type Tensor, tensorflow } from '../engine/tensorflow.js';
import type { Parameter } from '../model/parameter.js';
import { Optimizer, type UpdateInput } from './optimizer.js';

export interface AdamOptions {
  readonly type: 'adam' | 'adamw';
  readonly lr: number;
  readonly betas: readonly [number, number];
  readonly eps: number;
  readonly weightDecay: number;
  readonly amsgrad: boolean;
}

type Slot = 'exp_avg' | 'exp_avg_sq' | 'max_exp_avg_sq';
type Coefficient = 'stepSize' | 'rootCorrection' | 'decay';

/**
 * Adam: each weight's step is scaled by the running averages of its gradient and of the gradient's square.
 *
 *     g = grad + weight_decay * p                    (adam)
 *     p = p * (1 - lr * weight_decay)                (adamw: decoupled)
 *     m = beta1 * m + (1 - beta1) * g
 *     v = beta2 * v + (1 - beta2) * g^2              (amsgrad: the largest v so far)
 *     p = p - lr / (1 - beta1^t) * m / (sqrt(v) / sqrt(1 - beta2^t) + eps)
 *
 * Learns fast with little tuning: start at 0.001. tfjs and Keras default to eps 1e-7 and put it elsewhere.
 *
 * @source https://docs.pytorch.org/docs/stable/generated/torch.optim.Adam.html; Kingma and Ba, 2015;
 * Loshchilov and Hutter, "Decoupled weight decay regularization", 2019
 */
export class Adam extends Optimizer<Slot, Coefficient> {
  protected readonly slots: readonly Slot[];

  constructor(
    parameters: readonly Parameter[],
    readonly options: AdamOptions,
  ) {
    super(parameters, options.lr);
    this.slots = ['exp_avg', 'exp_avg_sq', ...(options.amsgrad ? (['max_exp_avg_sq'] as const) : [])];
  }

  protected coefficients(lr: number, t: number) {
    const [beta1, beta2] = this.options.betas;
    return {
      stepSize: lr / (1 - beta1 ** t),
      rootCorrection: Math.sqrt(1 - beta2 ** t),
      decay: 1 - lr * this.options.weightDecay,
    };
  }

  protected update({ data, grad, state, at }: UpdateInput<Slot, Coefficient>) {
    const tf = tensorflow();
    const { type, betas, eps, weightDecay, amsgrad } = this.options;
    const [beta1, beta2] = betas;
    const decoupled = type === 'adamw';
    const p: Tensor = decoupled && weightDecay ? tf.mul(data, at.decay) : data;
    const g: Tensor = !decoupled && weightDecay ? tf.add(grad, tf.mul(data, weightDecay)) : grad;
    // In PyTorch's order of operations (lerp, addcmul, addcdiv), so that float32 rounds where PyTorch rounds.
    const mean = tf.add(state.exp_avg, tf.mul(tf.sub(g, state.exp_avg), 1 - beta1));
    const square = tf.add(tf.mul(state.exp_avg_sq, beta2), tf.mul(tf.mul(g, 1 - beta2), g));
    const largest = amsgrad ? tf.maximum(state.max_exp_avg_sq, square) : square;
    const denominator = tf.add(tf.div(tf.sqrt(largest), at.rootCorrection), eps);
    return {
      data: tf.sub(p, tf.div(tf.mul(mean, at.stepSize), denominator)),
      state: { exp_avg: mean, exp_avg_sq: square, max_exp_avg_sq: largest },
    };
  }
}
