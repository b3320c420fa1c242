import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateShapes } from '../src/train/data/sources/shapes/draw.js';
import { RandomStream } from '../src/train/random.js';
import { type SampleKind, type Setting, samplesOf } from './settings.js';

const CLASSES = 10;
const DIGIT_SIDE = 28;
const IMAGE_SIDE = 32;
const CHANNELS = 3;
const COLUMNS = 30;
export const SEQUENCE = 64;
/** As many characters as lossnet's generated text has. */
const VOCABULARY = 19;
/** lossnet holds some of its arrays out, to choose the best epoch with. */
const MARGIN = 1.25;

/**
 * Writes the samples that peers train on, who cannot make them as lossnet does: `<kind>-inputs.npy` and `<kind>-targets.npy`.
 *
 * @param folder where to
 * @param settings which will be measured
 */
export function writeSamples(folder: string, settings: readonly Setting[]): void {
  const most = new Map<SampleKind, number>();
  for (const setting of settings) {
    const kind = samplesOf(setting);
    const count = Math.ceil(setting.batch * setting.steps * MARGIN);
    most.set(kind, Math.max(most.get(kind) ?? 0, count));
  }
  for (const [kind, count] of most) {
    const { inputs, shape, targets } = SAMPLES[kind](count);
    writeNpy(join(folder, `${kind}-inputs.npy`), inputs, [count, ...shape]);
    writeNpy(join(folder, `${kind}-targets.npy`), targets, [count]);
  }
}

type Numbers = Uint8Array | Int32Array | Float32Array;

interface Samples {
  readonly inputs: Numbers;
  /** Of one sample. */
  readonly shape: readonly number[];
  readonly targets: Int32Array;
}

/** How long a step takes does not depend on the values; those of images are the ones that lossnet generates. */
const SAMPLES: Readonly<Record<SampleKind, (count: number) => Samples>> = {
  images(count) {
    const { inputs, targets } = generateShapes({ seed: 0, split: 'train', size: count });
    return { inputs, shape: [IMAGE_SIDE, IMAGE_SIDE, CHANNELS], targets: Int32Array.from(targets) };
  },
  digits: (count) => ({
    inputs: Uint8Array.from(below(256, count * DIGIT_SIDE ** 2)),
    shape: [DIGIT_SIDE, DIGIT_SIDE],
    targets: Int32Array.from(below(CLASSES, count)),
  }),
  table: (count) => ({
    inputs: Float32Array.from(below(1000, count * COLUMNS), (value) => value / 500 - 1),
    shape: [COLUMNS],
    targets: Int32Array.from(below(2, count)),
  }),
  tokens: (count) => ({
    inputs: Int32Array.from(below(VOCABULARY, count * SEQUENCE)),
    shape: [SEQUENCE],
    targets: Int32Array.from(below(VOCABULARY, count)),
  }),
};

function* below(limit: number, count: number): Generator<number> {
  const random = new RandomStream(0, 'shapes', limit);
  for (let i = 0; i < count; i++) yield random.integer(limit);
}

const LETTERS = { Uint8Array: '|u1', Int32Array: '<i4', Float32Array: '<f4' } as const;
/** The header's length is a multiple of this. */
const ALIGNMENT = 64;
const MAGIC = Buffer.from('\x93NUMPY\x01\x00', 'latin1');

/** @source https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html */
function writeNpy(file: string, values: Numbers, shape: readonly number[]): void {
  const letters = LETTERS[values.constructor.name as keyof typeof LETTERS];
  const text = `{'descr': '${letters}', 'fortran_order': False, 'shape': (${shape.join(', ')},), }`;
  const start = MAGIC.length + 2;
  const length = Math.ceil((start + text.length + 1) / ALIGNMENT) * ALIGNMENT - start;
  const size = Buffer.alloc(2);
  size.writeUInt16LE(length);
  const header = Buffer.from(`${text.padEnd(length - 1)}\n`, 'latin1');
  const body = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  writeFileSync(file, Buffer.concat([MAGIC, size, header, body]));
}

/**
 * @param setting what lossnet trains
 * @param folder where the samples are
 * @returns the overrides that let it train on as many
 */
export function dataOverrides(setting: Pick<Setting, 'model'>, records: number, folder: string): string[] {
  const kind = samplesOf(setting);
  switch (kind) {
    case 'images':
      return [`dataset.train_size=${records}`];
    case 'tokens':
      return [`loader.limit=${records}`];
    default:
      return [
        `dataset.inputs=${join(folder, `${kind}-inputs.npy`)}`,
        `dataset.targets=${join(folder, `${kind}-targets.npy`)}`,
        `loader.limit=${records}`,
      ];
  }
}
