import { tensorflow } from '../backend/tensorflow.js';
import type { Parameter } from '../model/parameter.js';
import { type CommonOptions, DECAYED, Optimizer } from './optimizer.js';
import type { StepPosition, UpdateFormula, UpdateInput, UpdateOutput } from './update-rule.js';

export interface AdagradOptions extends CommonOptions {
  readonly type: 'adagrad';
  readonly lrDecay: number;
  readonly weightDecay: number;
  readonly initialAccumulatorValue: number;
  readonly eps: number;
}

/**
 * Adagrad: each weight's step shrinks with the sum of all its squared gradients so far.
 *
 *     g = grad                                              (-grad to maximize)
 *     g = g + weight_decay * p
 *     s = s + g^2                                           (s = initial_accumulator_value before the first step)
 *     p = p - lr / (1 + (t - 1) * lr_decay) * g / (sqrt(s) + eps)
 *
 * Good for features that are rarely seen: they keep long steps. The sum never forgets, so long trainings slow down
 * until they stand; start at 0.01. Keras and tfjs begin with the sum at 0.1 and put eps (1e-7) inside the root.
 *
 * Defaults: lr 0.01, lr_decay 0, weight_decay 0, initial_accumulator_value 0, eps 1e-10, maximize false.
 *
 * @source https://docs.pytorch.org/docs/stable/generated/torch.optim.Adagrad.html; Duchi, Hazan and Singer, 2011
 */
export class Adagrad extends Optimizer<'sum', 'stepSize'> {
  readonly slots = ['sum'] as const;

  constructor(
    parameters: readonly Parameter[],
    readonly options: AdagradOptions,
  ) {
    super(parameters, options, null);
  }

  override initial(): number {
    return this.options.initialAccumulatorValue;
  }

  coefficients(lr: number, t: number) {
    return { stepSize: lr / (1 + (t - 1) * this.options.lrDecay) };
  }

  protected update({ data, grad, state, at, term }: UpdateInput<'sum', 'stepSize'>): UpdateOutput<'sum'> {
    const tf = tensorflow();
    const { eps, weightDecay } = this.options;
    const g = weightDecay ? term('g', tf.add(grad, tf.mul(data, weightDecay))) : grad;
    const sum = term('s', tf.add(state.sum, tf.mul(g, g)));
    const denominator = term('d', tf.add(tf.sqrt(sum), eps));
    return { data: term('p', tf.sub(data, tf.div(tf.mul(g, at.stepSize), denominator))), state: { sum } };
  }

  protected lines({ lr, t }: StepPosition): UpdateFormula {
    const { eps, weightDecay, lrDecay } = this.options;
    const size = { gives: 'a', formula: 'lr / (1 + (t - 1) * lr_decay)', says: 'lr_decay: lr shrinks' };
    return {
      symbols: { lr, t, lr_decay: lrDecay, eps, weight_decay: weightDecay },
      slots: { sum: 's' },
      lines: [
        ...(weightDecay ? [DECAYED] : []),
        { gives: 's', formula: 's + g^2', says: 'sum: all squared gradients so far' },
        { gives: 'd', formula: 'sqrt(s) + eps', says: 'what the step is divided by' },
        { ...size, coefficient: 'stepSize' },
        { gives: 'p', formula: 'p - a * g / d', says: 'the step' },
      ],
    };
  }
}
