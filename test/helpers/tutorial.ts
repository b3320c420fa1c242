import type { ModelOptions } from '../../src/train/model/sequential.js';
import { type Block, layersOf } from './options.js';

export const CIFAR_SHAPE = { kind: 'image', channels: 3, height: 32, width: 32 } as const;

const conv = (channels: number): Block => ({
  type: 'conv2d',
  out_channels: channels,
  kernel_size: 5,
  padding: 2,
});
const pool: Block = { type: 'max_pool2d', kernel_size: 2 };

/** The tutorial's CNN. */
export const TUTORIAL_LAYERS = layersOf(
  conv(32),
  pool,
  conv(32),
  pool,
  conv(64),
  pool,
  { type: 'flatten' },
  { type: 'linear', out_features: 64 },
  { type: 'linear', out_features: 10 },
);

/** The model that it makes for CIFAR-10. */
export const TUTORIAL: ModelOptions = { layers: TUTORIAL_LAYERS, input: CIFAR_SHAPE, outputs: 10, seed: 0 };
