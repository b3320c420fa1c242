import { Sgd } from '../../optim/sgd.js';
import type { ParameterGroup } from '../../optim/update-rule.js';
import { boolAttribute, type GraphBuilder, type Output, typeAttribute } from './graph-def.js';

/** What an update in place is made from. */
export interface ResourceUpdateInput {
  /** The parameter's variable, and those of its slots by name. */
  readonly data: Output;
  readonly slots: ReadonlyMap<string, Output>;
  readonly gradient: Output;
  /** The group's coefficients by name. */
  readonly at: (name: string) => Output;
  /** What has to run before. */
  readonly after: readonly string[];
}

/**
 * One of TensorFlow's own training ops, which change a variable in place, where there is one that gives PyTorch's result
 * to the last bit: plain SGD, and with momentum.
 *
 * @param graph where the node goes
 * @param group whose update it is
 * @param input variables and gradient
 * @returns the node; null when the optimizer's own formula is to be traced
 * @source https://www.tensorflow.org/api_docs/python/tf/raw_ops/ResourceApplyGradientDescent,
 * https://www.tensorflow.org/api_docs/python/tf/raw_ops/ResourceApplyMomentum
 */
export function resourceUpdate(
  graph: GraphBuilder,
  group: ParameterGroup,
  { data, slots, gradient, at, after }: ResourceUpdateInput,
): Output | null {
  if (!(group instanceof Sgd)) return null;
  const { weightDecay, maximize, nesterov, dampening } = group.options;
  if (weightDecay !== 0 || maximize || nesterov || dampening !== 0) return null;
  const attributes = { T: typeAttribute('float32') };
  const buffer = slots.get('momentum_buffer');
  if (buffer === undefined) {
    return graph.node('ResourceApplyGradientDescent', [data, at('lr'), gradient, ...after], attributes);
  }
  // The first step keeps nothing of a buffer that is zero: `keep` is 0 then, momentum after.
  return graph.node('ResourceApplyMomentum', [data, buffer, at('lr'), gradient, at('keep'), ...after], {
    ...attributes,
    use_nesterov: boolAttribute(false),
  });
}
