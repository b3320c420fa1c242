import { beforeAll, describe, expect, it } from 'vitest';
import { loadTensorFlow, tensorflow } from '../../../src/train/backend/tensorflow.js';
import { ModelError, Sequential } from '../../../src/train/model/sequential.js';
import { type Block, layersOf } from '../../helpers/options.js';
import { CIFAR_SHAPE, TUTORIAL } from '../../helpers/tutorial.js';

const build = (blocks: readonly Block[], outputs = 10) =>
  Sequential.build({ layers: layersOf(...blocks), input: CIFAR_SHAPE, outputs, seed: 0 });
const conv = (options: object): Block => ({ type: 'conv2d', out_channels: 4, kernel_size: 3, ...options });
const FLATTEN = { type: 'flatten' };
const linear = (features: number): Block => ({ type: 'linear', out_features: features });
const keep = () => {};

function problemOf(layers: readonly Block[]): ModelError {
  try {
    build(layers);
  } catch (error) {
    if (error instanceof ModelError) return error;
    throw error;
  }
  throw new Error('the model was built');
}

describe('shapes', () => {
  it("infers the tutorial's model", () => {
    expect(Sequential.build(TUTORIAL).shapeTable()).toMatchInlineSnapshot(`
      "   input       3 x 32 x 32
      0  conv2d      32 x 32 x 32  2,432 parameters
      1  max_pool2d  32 x 16 x 16
      2  conv2d      32 x 16 x 16  25,632 parameters
      3  max_pool2d  32 x 8 x 8
      4  conv2d      64 x 8 x 8    51,264 parameters
      5  max_pool2d  64 x 4 x 4
      6  flatten     1024
      7  linear      64            65,600 parameters
      8  linear      10            650 parameters"
    `);
  });

  it.each([
    [conv({ kernel_size: 5 }), 28, 28],
    [conv({ kernel_size: 5, padding: 2 }), 32, 32],
    [conv({ kernel_size: [3, 5], padding: [1, 0], stride: [2, 3] }), 16, 10],
    [conv({ kernel_size: 3, stride: 2 }), 15, 15],
    [{ type: 'max_pool2d', kernel_size: 3, stride: 2 }, 15, 15],
    [{ type: 'max_pool2d', kernel_size: 3 }, 10, 10],
    [{ type: 'max_pool2d', kernel_size: [2, 4] }, 16, 8],
  ])('%j gives %i x %i, as it really does', async (layer, height, width) => {
    await loadTensorFlow();
    const tf = tensorflow();
    const model = build([layer, FLATTEN, linear(10)]);
    expect(model.layers[0]!.output).toMatchObject({ height, width });
    model.initialize();
    const pass = { training: true, batchKey: tf.tensor1d([0, 0], 'int32'), update: keep };
    model.forward(tf.zeros([2, 32, 32, 3]), pass, (output, index) => {
      if (index === 0) expect(output.shape.slice(1, 3)).toEqual([height, width]);
    });
  });
});

describe('impossible models', () => {
  it('names the layer, why, and shows the shapes up to it', () => {
    const error = problemOf([conv({}), { type: 'max_pool2d', kernel_size: 31 }, FLATTEN, linear(10)]);
    expect(error.layer).toBe('1');
    expect(error.message).toMatchInlineSnapshot(
      '"a max_pool2d window of 31 x 31 does not fit an image of 4 x 30 x 30"',
    );
    expect(error.table).toMatchInlineSnapshot(`
      "   input                   3 x 32 x 32
      0  conv2d                  4 x 30 x 30  112 parameters
      1  max_pool2d: impossible"
    `);
  });

  it.each([
    ['linear on an image', [linear(10)], 0, 'linear needs features but gets an image of 3 x 32 x 32'],
    [
      'conv2d after flatten',
      [FLATTEN, conv({})],
      1,
      'conv2d needs an image (channels x height x width) but gets 3072 features',
    ],
    [
      'pool after flatten',
      [FLATTEN, { type: 'max_pool2d', kernel_size: 2 }],
      1,
      'max_pool2d needs an image (channels x height x width) but gets 3072 features',
    ],
    ['too few outputs', [FLATTEN, linear(7)], 1, 'the last layer gives 7 but the data set has 10 classes'],
    [
      'an image at the end',
      [conv({})],
      0,
      'the last layer gives 4 x 30 x 30 but the data set has 10 classes',
    ],
  ] as [string, Block[], number, string][])('%s', (_, layers, layer, message) => {
    const error = problemOf(layers);
    expect([error.layer, error.message]).toEqual([`${layer}`, message]);
  });
});

describe('nested layers', () => {
  const residual = (...layers: Block[]): Block => ({ type: 'residual', layers });

  it('are shown before the sum that they end in', () => {
    const same = conv({ out_channels: 3, padding: 1 });
    expect(
      build([residual(same, { type: 'batch_norm2d' }), FLATTEN, linear(10)]).shapeTable(),
    ).toMatchInlineSnapshot(`
      "            input         3 x 32 x 32
      0.layers.0  conv2d        3 x 32 x 32  84 parameters
      0.layers.1  batch_norm2d  3 x 32 x 32  6 parameters
      0           residual      3 x 32 x 32
      1           flatten       3072
      2           linear        10           30,730 parameters"
    `);
  });

  it('are named by the way to them when they are impossible', () => {
    const error = problemOf([conv({}), residual(conv({ padding: 1 }), linear(3)), FLATTEN]);
    expect([error.layer, error.message]).toEqual([
      '1.layers.1',
      'linear needs features but gets an image of 4 x 30 x 30',
    ]);
    expect(error.table).toMatchInlineSnapshot(`
      "            input               3 x 32 x 32
      0           conv2d              4 x 30 x 30  112 parameters
      1.layers.0  conv2d              4 x 30 x 30  148 parameters
      1.layers.1  linear: impossible"
    `);
  });

  it('need a projection when they change the shape', () => {
    const error = problemOf([residual(conv({ out_channels: 8, padding: 1, stride: 2 }))]);
    expect(`${error.message}\n${error.remedy}`).toMatchInlineSnapshot(`
      "residual adds 8 x 16 x 16, what its layers give, to 3 x 32 x 32, its input
      Add projection: [{ type: conv2d, out_channels: 8, kernel_size: 1, stride: 2 }], or keep the shape."
    `);
  });
});

describe('impossible options', () => {
  it.each([
    [conv({ groups: 2 })],
    [conv({ padding: 'same', stride: 2 })],
    [{ type: 'max_pool2d', kernel_size: 2, padding: 2 }],
    [{ type: 'flatten', start_dim: 3, end_dim: 2 }],
    [{ type: 'softmax', dim: 4 }],
    [{ type: 'batch_norm1d' }],
    [{ type: 'layer_norm', normalized_shape: [32, 3] }],
    [{ type: 'embedding', num_embeddings: 256, embedding_dim: 2 }],
    [{ type: 'gru', hidden_size: 2 }],
    [conv({ bias: false, init: { bias: { type: 'zeros' } } })],
    [conv({ init: { bias: { type: 'orthogonal' } } })],
  ] as [Block][])('%j', (block) => {
    const { message, remedy = '' } = problemOf([block, FLATTEN, linear(10)]);
    expect(`${message}\n${remedy}`).toMatchSnapshot();
  });

  it('an embedding of pixels that are no whole numbers', () => {
    const { message, remedy } = problemOf([
      FLATTEN,
      { type: 'embedding', num_embeddings: 256, embedding_dim: 2 },
    ]);
    expect(`${message}\n${remedy}`).toMatchInlineSnapshot(`
      "embedding looks up whole numbers, but its input is any numbers
      Set transforms.scale to false, and transforms.normalize to null, so that pixels stay 0 to 255; only max_pool2d and flatten may come before."
    `);
  });
});

describe('initialisation', () => {
  beforeAll(() => loadTensorFlow());

  const initialized = (seed: number) => {
    const model = Sequential.build({ ...TUTORIAL, seed });
    model.initialize();
    return model.parameters.map((parameter) => parameter.values() as Float32Array);
  };

  it("is PyTorch's default: uniform in ±1/sqrt(fan_in), weights and biases", () => {
    const fanIns = [75, 75, 800, 800, 800, 800, 1024, 1024, 64, 64];
    for (const [i, values] of initialized(0).entries()) {
      const bound = 1 / Math.sqrt(fanIns[i]!);
      const largest = Math.max(...[...values].map(Math.abs));
      expect(largest).toBeLessThanOrEqual(bound);
      if (values.length > 1000) {
        expect(largest).toBeGreaterThan(0.98 * bound);
        const meanSquare = values.reduce((sum, value) => sum + value * value, 0) / values.length;
        expect(meanSquare / (bound * bound)).toBeCloseTo(1 / 3, 1);
      }
    }
  });

  it('is the initialiser named for all layers, or for the layer itself', () => {
    const zeros = { type: 'zeros' } as const;
    const model = Sequential.build({
      layers: layersOf(conv({}), { type: 'batch_norm2d' }, FLATTEN, {
        ...linear(10),
        init: { weight: { type: 'constant', value: 0.5 } },
      }),
      input: CIFAR_SHAPE,
      outputs: 10,
      seed: 0,
      init: { weight: { type: 'constant', value: 2 }, bias: zeros },
    });
    model.initialize();
    const values = model.state.map((tensor) => [tensor.name, new Set(tensor.values())]);
    expect(values).toEqual([
      ['0.weight', new Set([2])],
      ['0.bias', new Set([0])],
      ['1.weight', new Set([1])],
      ['1.bias', new Set([0])],
      ['1.running_mean', new Set([0])],
      ['1.running_var', new Set([1])],
      ['1.num_batches_tracked', new Set([0])],
      ['3.weight', new Set([0.5])],
      ['3.bias', new Set([0])],
    ]);
  });

  it('depends on the seed alone', () => {
    expect(initialized(3)).toEqual(initialized(3));
    expect(initialized(3)).not.toEqual(initialized(4));
  });
});

describe('flatten', () => {
  beforeAll(() => loadTensorFlow());

  it('orders features as PyTorch does, channel first, whether a linear layer follows or nothing', () => {
    const tf = tensorflow();
    const shape = { kind: 'image', channels: 2, height: 2, width: 3 } as const;
    const image = tf.tensor4d([0, 6, 1, 7, 2, 8, 3, 9, 4, 10, 5, 11], [1, 2, 3, 2]); // channel 0: 0…5, channel 1: 6…11
    const pass = { training: false, batchKey: tf.tensor1d([0, 0], 'int32'), update: keep };

    const bare = Sequential.build({ layers: layersOf(FLATTEN), input: shape, outputs: 12, seed: 0 });
    expect([...bare.forward(image, pass).dataSync()]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);

    const picks = Sequential.build({
      layers: layersOf(FLATTEN, { type: 'relu' }, linear(2)),
      input: shape,
      outputs: 2,
      seed: 0,
    });
    const weight = new Float32Array(24);
    weight[5] = 1; // output 0 is feature 5: the last pixel of channel 0
    weight[12 + 6] = 1; // output 1 is feature 6: the first pixel of channel 1
    picks.parameters[0]!.load(weight);
    picks.parameters[1]!.load(new Float32Array(2));
    expect([...picks.forward(image, pass).dataSync()]).toEqual([5, 6]);
    expect(picks.parameters[0]!.values()).toEqual(weight);
  });
});

describe('dropout', () => {
  beforeAll(() => loadTensorFlow());

  const drop = (p: number, training: boolean, key: [number, number], seed = 0) => {
    const tf = tensorflow();
    const model = Sequential.build({
      layers: layersOf(FLATTEN, { type: 'dropout', p }),
      input: CIFAR_SHAPE,
      outputs: 3072,
      seed,
    });
    const pass = { training, batchKey: tf.tensor1d(key, 'int32'), update: keep };
    return [...model.forward(tf.ones([8, 32, 32, 3]), pass).dataSync()];
  };

  it('does nothing in evaluation, and nothing at p 0', () => {
    expect(new Set(drop(0.5, false, [0, 0]))).toEqual(new Set([1]));
    expect(new Set(drop(0, true, [0, 0]))).toEqual(new Set([1]));
  });

  it.each([0.1, 0.5, 0.9])('drops a share of %d and scales the rest to keep the mean', (p) => {
    const values = drop(p, true, [0, 0]);
    expect(new Set(values)).toEqual(new Set([0, Math.fround(1 / (1 - p))]));
    expect(values.filter((value) => value === 0).length / values.length).toBeCloseTo(p, 1);
  });

  it('drops everything at p 1', () => {
    expect(new Set(drop(1, true, [0, 0]))).toEqual(new Set([0]));
  });

  it('is a function of seed, epoch and batch', () => {
    const first = drop(0.5, true, [1, 2]);
    expect(drop(0.5, true, [1, 2])).toEqual(first);
    expect(drop(0.5, true, [1, 3])).not.toEqual(first);
    expect(drop(0.5, true, [2, 2])).not.toEqual(first);
    expect(drop(0.5, true, [1, 2], 1)).not.toEqual(first);
  });
});
