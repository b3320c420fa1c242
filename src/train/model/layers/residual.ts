import { snapshot } from '../../backend/kernels/snapshot.js';
import { type Tensor, tensorflow } from '../../backend/tensorflow.js';
import { type ForwardPass, type Layer, type LayerContext, LayerError, type NamedLayer } from '../layer.js';
import { inTorchOrder, torchOrder } from '../order.js';
import { anyNumbers, describeShape, type Shape } from '../shape.js';

/**
 * Adds what some layers make of the input to the input itself, so that the gradient has a short way back.
 *
 *     y = layers(x) + x,   or   y = layers(x) + projection(x)
 *
 * As a module of PyTorch, whose names the weights have:
 *
 *     class Residual(nn.Module):
 *         def __init__(self, layers, projection=None):
 *             super().__init__()
 *             self.layers = nn.Sequential(*layers)
 *             self.projection = nn.Sequential(*projection) if projection else None
 *         def forward(self, x):
 *             return self.layers(x) + (self.projection(x) if self.projection else x)
 *
 * @param context name and input shape
 * @param build makes the layers of either branch
 * @param hasProjection whether there is a second branch; without one, the layers must keep the shape
 * @returns the layer; its parameters are named `layers.0.weight`, `projection.0.weight`, …
 * @throws LayerError when the two branches end in different shapes
 * @source He et al., "Deep residual learning for image recognition", 2016
 */
export function residual(
  { input }: LayerContext,
  build: (branch: 'layers' | 'projection', input: Shape) => readonly NamedLayer[],
  hasProjection: boolean,
): Layer {
  const ordered = inTorchOrder(input);
  const layers = build('layers', ordered);
  const projection = hasProjection ? build('projection', ordered) : [];
  const output = inTorchOrder(layers.at(-1)?.output ?? ordered);
  const shortcut = inTorchOrder(projection.at(-1)?.output ?? ordered);
  if (output.kind !== shortcut.kind || describeShape(output) !== describeShape(shortcut)) {
    throw new LayerError(
      `residual adds ${describeShape(output)}, what its layers give, to ${describeShape(shortcut)}, ${
        hasProjection ? 'what its projection gives' : 'its input'
      }`,
      remedy(output, ordered),
    );
  }
  const children = [...layers, ...projection];
  return {
    type: 'residual',
    output: anyNumbers(output),
    parameters: children.flatMap(({ parameters }) => parameters),
    buffers: children.flatMap(({ buffers }) => buffers ?? []),
    smallestBatch: Math.max(...children.map(({ smallestBatch }) => smallestBatch ?? 1)),
    mixesSamples: children.some(({ mixesSamples }) => mixesSamples),
    children,
    forward: (x, pass) => {
      const start = torchOrder(x, input);
      return tensorflow().add(run(layers, start, pass), run(projection, start, pass));
    },
  };
}

/** TensorFlow fuses these with a sum before them, and fails to where another branch wants the sum too. */
const FUSED_WITH_SUM = ['relu', 'sigmoid', 'tanh'];

/** Applies layers in turn, and gives the result in PyTorch's order. */
function run(layers: readonly NamedLayer[], x: Tensor, pass: ForwardPass): Tensor {
  const [first, last] = [layers[0], layers.at(-1)];
  const start = first && FUSED_WITH_SUM.includes(first.type) ? snapshot(x) : x;
  const y = layers.reduce((value, layer) => layer.forward(value, pass), start);
  return last ? torchOrder(y, last.output) : y;
}

/** A projection that would fit, where there is an obvious one. */
function remedy(output: Shape, input: Shape): string {
  if (output.kind === 'image' && input.kind === 'image') {
    const stride = Math.ceil(input.height / output.height);
    const strided = stride > 1 ? `, stride: ${stride}` : '';
    return `Add projection: [{ type: conv2d, out_channels: ${output.channels}, kernel_size: 1${strided} }], or keep the shape.`;
  }
  if (output.kind === input.kind && output.kind !== 'image') {
    return `Add projection: [{ type: linear, out_features: ${output.features} }], or keep the shape.`;
  }
  return 'Let the layers keep the shape, or bring the input to theirs with projection.';
}
