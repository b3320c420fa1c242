import type { LayerOptions } from '../../src/train/model/layers/index.js';

export const CIFAR_SHAPE = { kind: 'image', channels: 3, height: 32, width: 32 } as const;

const conv = (outChannels: number): LayerOptions => ({
  type: 'conv2d',
  outChannels,
  kernelSize: 5,
  stride: 1,
  padding: 2,
  bias: true,
});
const pool: LayerOptions = { type: 'max_pool2d', kernelSize: 2, stride: null };

/** The tutorial's CNN. */
export const TUTORIAL_LAYERS: readonly LayerOptions[] = [
  conv(32),
  pool,
  conv(32),
  pool,
  conv(64),
  pool,
  { type: 'flatten' },
  { type: 'linear', outFeatures: 64, bias: true },
  { type: 'linear', outFeatures: 10, bias: true },
];
