import { centred, type Distribution } from './centred.js';
import { fans } from './fans.js';
import { type Gain, gainFactor } from './gain.js';
import type { Initializer } from './initializer.js';

export interface XavierOptions {
  readonly type: 'xavier_uniform' | 'xavier_normal';
  readonly gain: Gain;
}

/**
 * Keeps the size of the values on the way forward and that of the gradients on the way back, as a compromise of
 * both; made for layers followed by tanh or nothing. Also known as Glorot's.
 *
 *     std = gain * sqrt(2 / (fan_in + fan_out))
 *
 * @param options gain, default 1
 * @param distribution `uniform`: in ±sqrt(3) std; `normal`
 * @returns the initialiser, for tensors of at least 2 dimensions
 * @source https://docs.pytorch.org/docs/stable/nn.init.html#torch.nn.init.xavier_uniform_
 */
export function xavier({ gain }: XavierOptions, distribution: Distribution): Initializer {
  return (values, shape, stream) => {
    const { fanIn, fanOut } = fans(shape);
    const std = gainFactor(gain) * Math.sqrt(2 / (fanIn + fanOut));
    centred(distribution, std)(values, shape, stream);
  };
}
