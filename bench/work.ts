import type { NamedLayer } from '../src/train/model/layer.js';
import type { Sequential } from '../src/train/model/sequential.js';
import type { InputShape } from '../src/train/model/shape.js';
import { layerWork } from '../src/train/model/work.js';

/**
 * Floating-point operations of a training step, counting its products with weights only.
 *
 *     batch x 2 x (3 x all - first)
 *
 * forward once, backward twice (gradients of weights and of inputs), less the gradient of the samples, which nobody needs.
 *
 * @param model what is trained
 * @param batch samples per step
 * @returns the number of operations, a multiplication and an addition counting as two
 */
export function stepFlops({ layers, input }: Sequential, batch: number): number {
  const each = multiplyAdds(layers, input);
  const all = each.reduce((sum, count) => sum + count, 0);
  // An embedding's outputs have a gradient: the weights that they are.
  const first = input.kind === 'tokens' ? 0 : (each.find((count) => count > 0) ?? 0);
  return batch * 2 * (3 * all - first);
}

/** Of one sample's forward pass, layer by layer. */
function multiplyAdds(layers: readonly NamedLayer[], first: InputShape): number[] {
  let input = first;
  return layers.flatMap((layer) => {
    // Both ways of a residual block begin with what it is given; only recurrent layers ask for that, and none stands there.
    const own = layer.children ? multiplyAdds(layer.children, input) : [layerWork(layer, input).multiplyAdds];
    input = layer.output;
    return own;
  });
}
