import type { InitializerOptions } from './options.js';

/**
 * Finds out whether an initialiser can fill a tensor, from the shape alone.
 *
 * @param options the initialiser's kind and arguments
 * @param shape of the tensor, in PyTorch's order
 * @returns null when it can; else what it needs, what there is and what else would do: a text that goes on after
 * "orthogonal cannot fill 0.bias: "
 */
export function initializerProblem(options: InitializerOptions, shape: readonly number[]): string | null {
  switch (options.type) {
    case 'uniform':
    case 'normal':
    case 'trunc_normal':
    case 'constant':
    case 'zeros':
    case 'ones':
      return null;
    case 'xavier_uniform':
    case 'xavier_normal':
    case 'kaiming_uniform':
    case 'kaiming_normal':
    case 'orthogonal':
      return wrongDimensions(shape, 2, Number.POSITIVE_INFINITY, 'at least 2 dimensions');
    case 'sparse':
      return wrongDimensions(shape, 2, 2, '2 dimensions, such as the weight of a linear layer');
    case 'eye':
      return wrongDimensions(shape, 2, 2, '2 dimensions, such as the weight of a linear layer', 'dirac');
    case 'dirac':
      return (
        wrongDimensions(shape, 3, 5, '3 to 5 dimensions, such as the weight of a convolution', 'eye') ??
        wrongGroups(shape, options.groups)
      );
  }
}

/** @param counterpart the initialiser that does the same to weights of the other kind of layer */
function wrongDimensions(
  shape: readonly number[],
  least: number,
  most: number,
  needed: string,
  counterpart?: 'eye' | 'dirac',
): string | null {
  const found = shape.length;
  if (found >= least && found <= most) return null;
  // A vector, such as a bias: only the initialisers that look at no shape can fill it.
  const instead =
    found < 2
      ? 'constant, zeros, ones, uniform, normal and trunc_normal fill any shape'
      : counterpart === undefined
        ? 'orthogonal, xavier_* and kaiming_* fill it'
        : `${counterpart} fills it`;
  return `it needs ${needed}, but the shape is [${shape.join(', ')}]; ${instead}`;
}

function wrongGroups(shape: readonly number[], groups: number): string | null {
  const outputs = shape[0]!;
  if (outputs % groups === 0) return null;
  return `its groups must divide the number of outputs, ${outputs}, but are ${groups}`;
}
