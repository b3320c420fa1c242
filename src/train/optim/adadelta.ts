import { tensorflow } from '../backend/tensorflow.js';
import type { Parameter } from '../model/parameter.js';
import { type CommonOptions, DECAYED, Optimizer } from './optimizer.js';
import type { StepPosition, UpdateFormula, UpdateInput, UpdateOutput } from './update-rule.js';

export interface AdadeltaOptions extends CommonOptions {
  readonly type: 'adadelta';
  readonly rho: number;
  readonly eps: number;
  readonly weightDecay: number;
}

type Slot = 'square_avg' | 'acc_delta';

/**
 * Adadelta: each weight's step is as long as its recent steps, against its recent gradients.
 *
 *     g = grad                                              (-grad to maximize)
 *     g = g + weight_decay * p
 *     v = rho * v + (1 - rho) * g^2
 *     d = sqrt(u + eps) / sqrt(v + eps) * g
 *     u = rho * u + (1 - rho) * d^2
 *     p = p - lr * d
 *
 * Finds the size of its steps by itself, so lr stays at 1 as a rule. It starts slowly: the first steps are about
 * sqrt(eps) long, and a larger eps quickens them. tfjs and Keras default to lr 0.001, which hardly moves, rho 0.95 and
 * eps 1e-7; tfjs also divides by the v of the step before.
 *
 * Defaults: lr 1, rho 0.9, eps 1e-6, weight_decay 0, maximize false.
 *
 * @source https://docs.pytorch.org/docs/stable/generated/torch.optim.Adadelta.html; Zeiler, "ADADELTA", 2012
 */
export class Adadelta extends Optimizer<Slot, 'lr'> {
  readonly slots: readonly Slot[] = ['square_avg', 'acc_delta'];

  constructor(
    parameters: readonly Parameter[],
    readonly options: AdadeltaOptions,
  ) {
    super(parameters, options, null);
  }

  coefficients(lr: number) {
    return { lr };
  }

  protected update({ data, grad, state, at, term }: UpdateInput<Slot, 'lr'>): UpdateOutput<Slot> {
    const tf = tensorflow();
    const { rho, eps, weightDecay } = this.options;
    const g = weightDecay ? term('g', tf.add(grad, tf.mul(data, weightDecay))) : grad;
    // In PyTorch's order of operations (addcmul; the roots are divided first), so that float32 rounds where it does.
    const square = term('v', tf.add(tf.mul(state.square_avg, rho), tf.mul(tf.mul(g, 1 - rho), g)));
    const ratio = tf.div(tf.sqrt(tf.add(state.acc_delta, eps)), tf.sqrt(tf.add(square, eps)));
    const delta = term('d', tf.mul(ratio, g));
    const steps = term('u', tf.add(tf.mul(state.acc_delta, rho), tf.mul(tf.mul(delta, 1 - rho), delta)));
    return {
      data: term('p', tf.sub(data, tf.mul(delta, at.lr))),
      state: { square_avg: square, acc_delta: steps },
    };
  }

  protected lines({ lr }: StepPosition): UpdateFormula {
    const { rho, eps, weightDecay } = this.options;
    const average = {
      gives: 'v',
      formula: 'rho * v + (1 - rho) * g^2',
      says: 'square_avg: mean square of g',
    };
    const ratio = {
      gives: 'd',
      formula: 'sqrt(u + eps) / sqrt(v + eps) * g',
      says: 'as long as recent steps',
    };
    const steps = { gives: 'u', formula: 'rho * u + (1 - rho) * d^2', says: 'acc_delta: mean square of d' };
    return {
      symbols: { lr, rho, eps, weight_decay: weightDecay },
      slots: { square_avg: 'v', acc_delta: 'u' },
      lines: [
        ...(weightDecay ? [DECAYED] : []),
        ...[average, ratio, steps],
        { gives: 'p', formula: 'p - lr * d', says: 'the step' },
      ],
    };
  }
}
