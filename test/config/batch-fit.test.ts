import { expect, it } from 'vitest';
import { refuseLargeBatches } from '../../src/config/batch-fit.js';
import { DataLoader } from '../../src/train/data/loader.js';
import { Sequential } from '../../src/train/model/sequential.js';
import { tinyDataset } from '../helpers/data.js';
import { type Block, layersOf } from '../helpers/options.js';

const CONV = { type: 'conv2d', out_channels: 16, kernel_size: 3, padding: 1 };
const END = [{ type: 'flatten' }, { type: 'linear', out_features: 4 }];
/** Of images of 8x8 pixels and 16 channels. */
const SAMPLES_PER_MEGABYTE = 244;

function refusing(
  blocks: Block[],
  engine: 'graph' | 'eager',
  samples: number,
  memory: number,
  freeze: string[] = [],
) {
  const model = Sequential.build({
    layers: layersOf(...blocks, ...END),
    input: { kind: 'image', channels: 3, height: 8, width: 8 },
    outputs: 4,
    seed: 0,
    freeze: { layers: freeze, mode: 'train' },
  });
  const loader = new DataLoader(tinyDataset(4), {
    ...{ batchSize: 4, shuffle: false, dropLast: false, limit: null, seed: 0 },
    transforms: { randomCrop: null, randomFlip: null, scale: true, normalize: null },
  });
  return () => refuseLargeBatches(model, engine, loader, samples, memory);
}

it('refuses a batch of which the outputs of one layer alone do not fit into the memory', () => {
  for (const engine of ['graph', 'eager'] as const) {
    expect(refusing([CONV], engine, SAMPLES_PER_MEGABYTE, 1e6)).not.toThrow();
    expect(refusing([CONV], engine, SAMPLES_PER_MEGABYTE + 1, 1e6)).toThrow(
      'What one layer makes of 245 images takes 1.0 MB, and at most 1.0 MB fit.',
    );
  }
});

it('refuses more numbers in one tensor than TensorFlow counts, however much memory there is', () => {
  const message = 'What one layer makes of 3,000,000 images takes 12.3 GB, and at most 8.6 GB fit.';
  expect(refusing([CONV], 'eager', 3e6, 1e15)).toThrow(message);
  expect(refusing([CONV, { type: 'batch_norm2d' }], 'graph', 3e6, 1e15)).toThrow(message);
  // The graph computes it in parts.
  expect(refusing([CONV], 'graph', 3e6, 1e15)).not.toThrow();
});

it('lets a graph go through parts of any batch with layers that are not trained', () => {
  expect(refusing([CONV], 'graph', 3e6, 1e6, ['0'])).not.toThrow();
});
