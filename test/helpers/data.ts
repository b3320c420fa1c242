import type { Dataset } from '../../src/train/data/dataset.js';
import { DataLoader, type LoaderOptions } from '../../src/train/data/loader.js';
import { RandomStream } from '../../src/train/random.js';

/** Random images whose class is visible in their brightness: enough to learn from, made in a moment. */
export function tinyDataset(records: number, size = 8, classes = 4): Dataset {
  const stream = new RandomStream(7, 'shapes', 'test');
  const pixels = size * size * 3;
  const inputs = new Uint8Array(records * pixels);
  const targets = new Uint8Array(records);
  for (let i = 0; i < records; i++) {
    targets[i] = stream.integer(classes);
    for (let p = 0; p < pixels; p++) inputs[i * pixels + p] = stream.integer(60) + targets[i]! * 48;
  }
  return {
    identity: { name: 'tiny', split: 'train', source: 'generated', records, sha256: '' },
    spec: {
      name: 'tiny',
      input: { kind: 'image', height: size, width: size, channels: 3 },
      target: { kind: 'class', names: Array.from({ length: classes }, (_, i) => `${i}`) },
    },
    inputs,
    targets,
  };
}

export const NO_TRANSFORMS = { randomCrop: null, randomFlip: null, normalize: null };

export function loaderOf(dataset: Dataset, options: Partial<LoaderOptions> = {}): DataLoader {
  const defaults = {
    batchSize: 16,
    shuffle: false,
    dropLast: false,
    limit: null,
    seed: 0,
    transforms: NO_TRANSFORMS,
  };
  return new DataLoader(dataset, { ...defaults, ...options });
}
