import { centred, type Distribution } from './centred.js';
import { fans } from './fans.js';
import { calculateGain, type Nonlinearity } from './gain.js';
import type { Initializer } from './initializer.js';

export interface KaimingOptions {
  readonly type: 'kaiming_uniform' | 'kaiming_normal';
  /** The negative slope of leaky_relu; the other nonlinearities have none. */
  readonly a: number;
  readonly mode: 'fan_in' | 'fan_out';
  readonly nonlinearity: Nonlinearity;
}

/**
 * Keeps the size of the values on the way forward (fan_in), or that of the gradients on the way back (fan_out); made
 * for layers followed by relu or leaky_relu. Also known as He's.
 *
 *     std = gain(nonlinearity, a) / sqrt(fan)
 *
 * @param options a, default 0; mode, default fan_in; nonlinearity, default leaky_relu, which with a = 0 is relu
 * @param distribution `uniform`: in ±sqrt(3) std; `normal`
 * @returns the initialiser, for tensors of at least 2 dimensions
 * @source https://docs.pytorch.org/docs/stable/nn.init.html#torch.nn.init.kaiming_normal_
 */
export function kaiming({ a, mode, nonlinearity }: KaimingOptions, distribution: Distribution): Initializer {
  return (values, shape, stream) => {
    const { fanIn, fanOut } = fans(shape);
    const std = calculateGain(nonlinearity, a) / Math.sqrt(mode === 'fan_in' ? fanIn : fanOut);
    centred(distribution, std)(values, shape, stream);
  };
}
