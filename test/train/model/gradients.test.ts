import { beforeAll, describe, expect, it } from 'vitest';
import { layerSchema } from '../../../src/config/schema/layers.js';
import { loadTensorFlow, type Tensor, tensorflow } from '../../../src/train/backend/tensorflow.js';
import { expectClose } from '../../helpers/close.js';
import { Stack, shapeOf } from '../../helpers/layers.js';
import { numbers, sizeOf } from '../../helpers/numbers.js';
import type { Block } from '../../helpers/options.js';

/**
 * Every layer's gradients against central differences, at shapes that PyTorch was not recorded at: one image, one
 * channel, images wider than high.
 */
const IMAGES = [
  [1, 1, 4, 7],
  [2, 2, 6, 5],
];
const FEATURES = [
  [1, 5],
  [4, 3],
];
const SEQUENCES = [
  [1, 3, 2],
  [2, 1, 4],
];
/** Of batch normalisation by features: one value has no variance. */
const SEVERAL = [
  [2, 5],
  [5, 1],
];

const conv = (options: object = {}): Block => ({
  type: 'conv2d',
  out_channels: 2,
  kernel_size: 3,
  padding: 1,
  ...options,
});

const ROWS: [Block, number[][]][] = [
  [conv(), IMAGES],
  [conv({ kernel_size: [2, 3], stride: [3, 2], padding: [1, 2] }), IMAGES],
  [conv({ kernel_size: [4, 1], padding: 'same', dilation: [1, 2] }), IMAGES],
  [conv({ dilation: [1, 3], padding: 3, stride: 2 }), IMAGES],
  [conv({ out_channels: 4, groups: 2 }), [[2, 2, 5, 3]]],
  [conv({ out_channels: 2, groups: 2, stride: [1, 2], bias: false }), [[1, 4, 3, 6]]],
  [{ type: 'max_pool2d', kernel_size: 2 }, IMAGES],
  [{ type: 'max_pool2d', kernel_size: [2, 3], stride: [1, 2], padding: 1, ceil_mode: true }, IMAGES],
  [{ type: 'avg_pool2d', kernel_size: 3, stride: 2, padding: 1, ceil_mode: true }, IMAGES],
  [{ type: 'avg_pool2d', kernel_size: [2, 3], count_include_pad: false, padding: [1, 0] }, IMAGES],
  [{ type: 'adaptive_avg_pool2d', output_size: [1, 1] }, IMAGES],
  [{ type: 'adaptive_avg_pool2d', output_size: [3, 2] }, IMAGES],
  [{ type: 'flatten' }, [...IMAGES, ...SEQUENCES]],
  [{ type: 'flatten', end_dim: 2 }, IMAGES],
  [{ type: 'linear', out_features: 3 }, [...FEATURES, ...SEQUENCES]],
  [{ type: 'relu' }, FEATURES],
  [{ type: 'leaky_relu' }, FEATURES],
  [{ type: 'elu', alpha: 0.7 }, FEATURES],
  [{ type: 'gelu' }, FEATURES],
  [{ type: 'gelu', approximate: 'tanh' }, FEATURES],
  [{ type: 'silu' }, IMAGES],
  [{ type: 'sigmoid' }, FEATURES],
  [{ type: 'tanh' }, SEQUENCES],
  [{ type: 'softmax' }, [...FEATURES, ...IMAGES]],
  [{ type: 'log_softmax' }, [...FEATURES, ...IMAGES]],
  [{ type: 'dropout', p: 0.4 }, FEATURES],
  [{ type: 'batch_norm2d' }, IMAGES],
  [{ type: 'batch_norm1d' }, [...SEVERAL, [2, 3, 2]]],
  [{ type: 'layer_norm' }, [...IMAGES, [4, 3], [2, 3, 4]]],
  [{ type: 'layer_norm', normalized_shape: 5 }, [[2, 2, 6, 5]]],
  [{ type: 'residual', layers: [conv({ out_channels: 1 }), { type: 'silu' }] }, [[1, 1, 4, 7]]],
  [
    {
      type: 'residual',
      layers: [{ type: 'batch_norm2d' }, conv({ stride: 2 })],
      projection: [conv({ stride: 2, kernel_size: 1, padding: 0 })],
    },
    IMAGES,
  ],
  [{ type: 'gru', hidden_size: 2, num_layers: 2, bidirectional: true, output: 'all' }, SEQUENCES],
  [{ type: 'gru', hidden_size: 3 }, SEQUENCES],
  [{ type: 'lstm', hidden_size: 2, num_layers: 2, bidirectional: true, dropout: 0.5 }, SEQUENCES],
  [{ type: 'lstm', hidden_size: 3, output: 'all', bias: false }, SEQUENCES],
];

/** Far enough from each other and from 0 that no difference steps over a kink. */
function apart(count: number): Float32Array {
  const order = numbers('order', count)
    .map((value, i) => value + i * 1e-9)
    .map((value, _, all) => all.filter((other) => other < value).length);
  return order.map((rank) => ((rank + 0.3) / count) * 4 - 2);
}

const STEP = 4e-3;

beforeAll(() => loadTensorFlow());

function differences(f: (moved: Float32Array) => number, values: Float32Array): number[] {
  return [...values.keys()].map((i) => {
    const at = (delta: number) => {
      const moved = Float32Array.from(values);
      moved[i]! += delta;
      return { value: f(moved), position: moved[i]! };
    };
    const [high, low] = [at(STEP), at(-STEP)];
    return (high.value - low.value) / (high.position - low.position);
  });
}

describe('gradients agree with central differences', () => {
  const cases = ROWS.flatMap(([block, shapes]) => shapes.map((shape) => ({ block, shape })));

  it.each(cases)('$block on $shape', ({ block, shape }) => {
    const tf = tensorflow();
    const stack = new Stack([block], shapeOf(shape.slice(1)));
    tf.tidy(() => {
      const values = apart(sizeOf(shape));
      const x = tf.tensor(values, shape);
      const outputs = stack.forward(x, true).shape;
      const dy = numbers('dy', sizeOf(outputs));
      // Summed in float64: float32 would add its own rounding to the difference.
      const value = (input: Tensor) =>
        tf.tidy(() => {
          const y = stack.forward(input, true).dataSync() as Float32Array;
          return y.reduce((sum, each, i) => sum + each * dy[i]!, 0);
        });
      const { input, parameters } = stack.gradients(x, tf.tensor(dy, outputs), true);
      expectClose(
        input.dataSync(),
        differences((moved) => value(tf.tensor(moved, shape)), values),
        5e-3,
        'input',
      );
      for (const [i, parameter] of stack.parameters.entries()) {
        const before = parameter.values() as Float32Array;
        const expected = differences((moved) => {
          parameter.load(moved);
          return value(x);
        }, before);
        parameter.load(before);
        expectClose(parameter.toTorch(parameters[i]!), expected, 5e-3, parameter.name);
      }
    });
    stack.dispose();
  });

  it('are checked for every layer that has some', () => {
    const known = layerSchema.options.map((option) => option.shape.type.value);
    const checked = new Set(ROWS.map(([block]) => block.type));
    // What an embedding looks up has no gradient; its weight's is compared with PyTorch's.
    expect(known.filter((type) => type !== 'embedding' && !checked.has(type))).toEqual([]);
  });
});
