import type { Targets } from '../loss/index.js';
import { engineDimensions, type ImageShape } from '../model/shape.js';
import { RandomStream } from '../random.js';
import type { Batch, BatchPlace, Cutter, Rows, TargetCutter } from './batch.js';
import { type Dataset, type InputFile, imageReader } from './dataset.js';
import { type BatchTransforms, cropAtRandom, flip, pixelTables, writePixels } from './transforms.js';

const BYTES_PER_NUMBER = Int32Array.BYTES_PER_ELEMENT;

/** Copies images out of a data set into batches. */
export class ImageCutter implements Cutter {
  readonly #imageAt: InputFile['read'];
  readonly #tables: readonly Float32Array[];
  readonly #shape: readonly number[];
  /** Where an image is cropped and flipped. Never handed out. */
  readonly #scratch: Uint8Array;
  /** All images, where batches have them as they are. */
  readonly #all: Int32Array | null;
  /** Where among these each image is; null: they lie in order. */
  readonly #places: Uint32Array | null;

  constructor(
    dataset: Dataset,
    private readonly size: ImageShape,
    private readonly options: {
      readonly transforms: BatchTransforms;
      readonly seed: number;
      readonly cutTargets: TargetCutter;
    },
  ) {
    const { randomCrop, randomFlip } = options.transforms;
    this.#imageAt = imageReader(dataset);
    this.#tables = pixelTables(size.channels, options.transforms);
    this.#shape = engineDimensions(size);
    this.#scratch = new Uint8Array(sizeOf(this.#shape));
    const held = 'read' in dataset.inputs ? dataset.inputs.held : undefined;
    const all = held?.bytes ?? dataset.inputs;
    this.#all = randomCrop || randomFlip ? null : asNumbers(all, this.#scratch.length);
    this.#places = held?.places ?? null;
  }

  cut(place: BatchPlace, records: Uint32Array): Batch {
    const cutBytes = (first: number, end: number) => this.#bytes(place, records, first, end);
    const targets = this.options.cutTargets(records);
    const places = this.#places;
    const rows = this.#all && {
      from: this.#all,
      records: places ? records.map((record) => places[record]!) : records,
    };
    return new ImageBatch({ ...place, shape: this.#shape, rows }, cutBytes, targets, this.#tables);
  }

  /** Some images of a batch. */
  #bytes({ epoch, index }: BatchPlace, records: Uint32Array, first: number, end: number): Uint8Array {
    const { transforms, seed } = this.options;
    const { randomCrop, randomFlip } = transforms;
    const length = sizeOf(this.#shape);
    const bytes = new Uint8Array((end - first) * length);
    // Seeding takes longer than copying an image: not where nothing is drawn.
    const random = randomCrop || randomFlip ? new RandomStream(seed, 'augment', epoch, index) : null;
    // What is drawn for an image follows from what was drawn for those before.
    for (let i = random ? 0 : first; i < end; i++) {
      const image = this.#imageAt(records[i]!);
      const seen = random ? this.#augment(image, random) : image;
      if (i >= first) bytes.set(seen, (i - first) * length);
    }
    return bytes;
  }

  /** Crops and flips into the scratch image; an image that stays as it is is not copied. */
  #augment(image: Uint8Array, random: RandomStream): Uint8Array {
    const { randomCrop, randomFlip } = this.options.transforms;
    if (randomCrop) cropAtRandom(this.#scratch, image, this.size, randomCrop.padding, random);
    const flipped = randomFlip && random.float() < randomFlip.p;
    if (flipped) {
      if (!randomCrop) this.#scratch.set(image);
      flip(this.#scratch, this.size);
    }
    return randomCrop || flipped ? this.#scratch : image;
  }
}

/** Images of so many bytes as numbers of 4 bytes, where they lie so; else null. */
function asNumbers(inputs: Dataset['inputs'], length: number): Int32Array | null {
  if (!(inputs instanceof Uint8Array)) return null;
  const lieSo = length % BYTES_PER_NUMBER === 0 && inputs.byteOffset % BYTES_PER_NUMBER === 0;
  return lieSo ? new Int32Array(inputs.buffer, inputs.byteOffset, inputs.length / BYTES_PER_NUMBER) : null;
}

/** Cuts the images from `first` to `end` out of a data set. */
type BytesCutter = (first: number, end: number) => Uint8Array;

type Place = BatchPlace & Pick<Batch, 'shape'> & { readonly rows: Rows | null };

/** A batch of images that are copied, and made floats, only when something asks for them: of several processes each has a part. */
class ImageBatch implements Batch {
  readonly epoch: number;
  readonly index: number;
  readonly size: number;
  readonly shape: readonly number[];
  readonly rows: Rows | null;
  readonly #tables: readonly Float32Array[];
  readonly #cutBytes: BytesCutter;
  #bytes: Uint8Array | undefined;
  #inputs: Float32Array | undefined;

  constructor(
    { epoch, index, size, shape, rows }: Place,
    cutBytes: BytesCutter,
    readonly targets: Targets,
    tables: readonly Float32Array[],
  ) {
    this.epoch = epoch;
    this.index = index;
    this.size = size;
    this.shape = shape;
    this.rows = rows;
    this.#cutBytes = cutBytes;
    this.#tables = tables;
  }

  part(place: BatchPlace, first: number, targets: Targets): ImageBatch {
    const cutBytes: BytesCutter = (from, end) => this.#cutBytes(first + from, first + end);
    const records = this.rows?.records.subarray(first, first + place.size);
    const rows = this.rows && { from: this.rows.from, records: records! };
    return new ImageBatch({ ...place, shape: this.shape, rows }, cutBytes, targets, this.#tables);
  }

  get bytes(): Uint8Array {
    this.#bytes ??= this.#cutBytes(0, this.size);
    return this.#bytes;
  }

  get inputs(): Float32Array {
    if (this.#inputs === undefined) {
      this.#inputs = new Float32Array(this.bytes.length);
      writePixels(this.#inputs, this.bytes, this.#tables);
    }
    return this.#inputs;
  }
}

const sizeOf = (shape: readonly number[]) => shape.reduce((product, length) => product * length, 1);
