import type { Dataset } from '../../src/train/data/dataset.js';
import type { Sequential } from '../../src/train/model/sequential.js';
import { numbers, sizeOf } from './numbers.js';

/** What test/fixtures/make_whole_runs.py makes its images of. */
export interface Patterns {
  readonly shape: readonly [channels: number, height: number, width: number];
  readonly classes: number;
}

/** The images and the first weights of make_whole_runs.py. */
export const patterns = (made: Patterns) => ({
  images: (name: string, records: number) => imagesOf(made, name, records),
  begin,
});

/** Each class has a coarse pattern of 4 x 4 pixels a cell, under noise of each pixel. */
function imagesOf({ shape, classes }: Patterns, name: string, records: number): Dataset {
  const [channels, height, width] = shape;
  const patterns = numbers('patterns', (classes * sizeOf(shape)) / 16);
  const noise = numbers(name, records * sizeOf(shape));
  const targets = Uint8Array.from({ length: records }, (_, i) => i % classes);
  const bytes = new Uint8Array(noise.length);
  let at = 0;
  for (const target of targets)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        for (let channel = 0; channel < channels; channel++) {
          const row = ((target * channels + channel) * height) / 4 + Math.floor(y / 4);
          const cell = patterns[(row * width) / 4 + Math.floor(x / 4)]!;
          bytes[at] = Math.floor(128 + 20 * cell + 100 * noise[at]!);
          at += 1;
        }
  return {
    identity: { name: 'patterns', split: 'train', source: 'generated', records, sha256: name },
    spec: {
      name: 'patterns',
      input: { kind: 'image', channels, height, width },
      target: { kind: 'class', names: Array.from({ length: classes }, (_, i) => `${i}`) },
    },
    inputs: bytes,
    targets,
  };
}

/** Weights uniform within 1/sqrt(fan_in), those of norms around 1, biases around 0. */
export function begin(model: Sequential): void {
  model.initialize();
  for (const parameter of model.parameters) {
    const { name, shape, size } = parameter;
    const fanIn = size / shape[0]!;
    const centre = name.endsWith('weight') ? 1 : 0;
    parameter.load(
      numbers(name, size).map((value) => (shape.length > 1 ? value / Math.sqrt(fanIn) : value / 10 + centre)),
    );
  }
}
