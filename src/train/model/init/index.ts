import { LossnetError } from '../../../base/errors.js';
import { constant } from './constant.js';
import { dirac, eye } from './identity.js';
import type { Initializer } from './initializer.js';
import { kaiming } from './kaiming.js';
import { normal } from './normal.js';
import type { InitializerOptions } from './options.js';
import { orthogonal } from './orthogonal.js';
import { initializerProblem } from './problem.js';
import { sparse } from './sparse.js';
import { truncNormal } from './trunc-normal.js';
import { uniform } from './uniform.js';
import { xavier } from './xavier.js';

export { constant } from './constant.js';
export { type Fans, fans } from './fans.js';
export { calculateGain, type Gain, type Nonlinearity } from './gain.js';
export type { Initializer } from './initializer.js';
export { normal } from './normal.js';
export type { InitializerOptions } from './options.js';
export { initializerProblem } from './problem.js';
export { uniform, uniformFanIn } from './uniform.js';

/**
 * @param options the initialiser's kind and arguments
 * @returns the initialiser; it throws a LossnetError for a tensor in which `initializerProblem` finds one
 */
export function createInitializer(options: InitializerOptions): Initializer {
  const fill = initializerFor(options);
  return (values, shape, stream) => {
    const problem = initializerProblem(options, shape);
    if (problem !== null) {
      throw new LossnetError(
        'LOSSNET_INITIALIZER_IMPOSSIBLE',
        `${options.type} cannot fill the tensor: ${problem}.`,
      );
    }
    fill(values, shape, stream);
  };
}

function initializerFor(options: InitializerOptions): Initializer {
  switch (options.type) {
    case 'uniform':
      return uniform(options.a, options.b);
    case 'normal':
      return normal(options.mean, options.std);
    case 'trunc_normal':
      return truncNormal(options);
    case 'constant':
      return constant(options.value);
    case 'zeros':
      return constant(0);
    case 'ones':
      return constant(1);
    case 'xavier_uniform':
      return xavier(options, 'uniform');
    case 'xavier_normal':
      return xavier(options, 'normal');
    case 'kaiming_uniform':
      return kaiming(options, 'uniform');
    case 'kaiming_normal':
      return kaiming(options, 'normal');
    case 'orthogonal':
      return orthogonal(options);
    case 'sparse':
      return sparse(options);
    case 'eye':
      return eye();
    case 'dirac':
      return dirac(options);
  }
}
