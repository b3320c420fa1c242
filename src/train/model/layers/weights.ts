import {
  createInitializer,
  type Initializer,
  type InitializerOptions,
  initializerProblem,
} from '../init/index.js';
import { type Initialized, type InitOptions, type LayerContext, LayerError } from '../layer.js';
import { type Layout, plainLayout } from '../layout.js';
import { Parameter } from '../parameter.js';

/** The initialisers that a layer may name for itself; null: those for all layers. */
export type LayerInit = InitOptions | null;

/**
 * A tensor with the initialiser that was asked for.
 *
 * @param parameter the tensor
 * @param options the initialiser by name; null: `fallback`
 * @param fallback PyTorch's default for this layer
 * @throws LayerError when the initialiser cannot fill a tensor of this shape
 */
export function initialized(
  parameter: Parameter,
  options: InitializerOptions | null | undefined,
  fallback: Initializer,
): Initialized {
  if (!options) return { parameter, initializer: fallback };
  const problem = initializerProblem(options, parameter.shape);
  if (problem !== null)
    throw new LayerError(
      `${options.type} cannot fill ${parameter.name}: ${problem}`,
      'Name another initialiser.',
    );
  return { parameter, initializer: createInitializer(options) };
}

/**
 * The weight of a layer and, if it has one, its bias.
 *
 * @param context the layer's name, and the initialisers for all layers
 * @param weight shape [out, …] and layout of the weight
 * @param fallback the initialiser of both where none is named
 * @param options whether there is a bias, and the layer's own initialisers
 * @returns both parameters; bias null when there is none
 * @throws LayerError when an initialiser cannot fill them
 */
export function weightAndBias(
  { name, init }: LayerContext,
  weight: { readonly shape: readonly number[]; readonly layout: Layout },
  fallback: Initializer,
  options: { readonly bias: boolean; readonly init: LayerInit },
) {
  if (!options.bias && options.init?.bias) {
    throw new LayerError(
      `init names how to fill a bias, but bias is false`,
      'Leave out init.bias, or set bias to true.',
    );
  }
  const outputs = weight.shape[0]!;
  const weightParameter = new Parameter(`${name}.weight`, weight.shape, weight.layout);
  const biasParameter = options.bias
    ? new Parameter(`${name}.bias`, [outputs], plainLayout([outputs]))
    : null;
  const parameters = [initialized(weightParameter, options.init?.weight ?? init.weight, fallback)];
  if (biasParameter) parameters.push(initialized(biasParameter, options.init?.bias ?? init.bias, fallback));
  return { weight: weightParameter, bias: biasParameter, parameters };
}
