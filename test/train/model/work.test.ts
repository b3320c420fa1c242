import { describe, expect, it } from 'vitest';
import { createLayers } from '../../../src/train/model/layers/index.js';
import { Sequential } from '../../../src/train/model/sequential.js';
import { largestOutput, layerWork, workPerSample } from '../../../src/train/model/work.js';
import { shapeOf } from '../../helpers/layers.js';
import { type Block, layersOf } from '../../helpers/options.js';
import { TUTORIAL } from '../../helpers/tutorial.js';

it("counts the tutorial's CNN: 25 million multiplications and additions forward, thrice that for a step", () => {
  expect(workPerSample(Sequential.build(TUTORIAL).layers) / 3 / 1e6).toBeCloseTo(24.8, 0);
});

it('finds how many numbers a layer makes of a sample, where they are most, inside other layers too', () => {
  expect(largestOutput(Sequential.build(TUTORIAL).layers)).toBe(32 * 32 * 32);
  const inside = [
    { type: 'linear', out_features: 50 },
    { type: 'linear', out_features: 7 },
  ];
  const context = { name: '', input: shapeOf([7]), seed: 0, init: { weight: null, bias: null } };
  const layers = createLayers(layersOf({ type: 'residual', layers: inside }), context);
  expect(largestOutput(layers)).toBe(50);
  expect(largestOutput([])).toBe(1);
});

describe('layerWork', () => {
  // Half of what torch.utils.flop_counter counts for one sample, PyTorch 2.13.
  it.each<[string, Block, number[], number, number]>([
    [
      'a strided conv2d',
      { type: 'conv2d', out_channels: 8, kernel_size: 3, stride: 2, padding: 1 },
      [3, 32, 32],
      55_296,
      2048,
    ],
    [
      'groups',
      { type: 'conv2d', out_channels: 16, kernel_size: [3, 5], groups: 4, padding: 'same' },
      [8, 16, 16],
      122_880,
      4096,
    ],
    ['linear', { type: 'linear', out_features: 10 }, [2048], 20_480, 10],
    [
      'a stack of GRUs, both ways, of which the last states alone are given',
      { type: 'gru', hidden_size: 20, num_layers: 2, bidirectional: true },
      [32, 96],
      675_840,
      40,
    ],
    ['what has no weights', { type: 'relu' }, [3, 8, 8], 0, 192],
    ['normalisation, which scales', { type: 'batch_norm2d' }, [3, 8, 8], 0, 192],
  ])('counts %s', (_, block, input, multiplyAdds, outputs) => {
    const shape = shapeOf(input);
    const [layer] = createLayers(layersOf(block), {
      name: '',
      input: shape,
      seed: 0,
      init: { weight: null, bias: null },
    });
    expect(layerWork(layer!, shape)).toEqual({ multiplyAdds, outputs });
  });
});
