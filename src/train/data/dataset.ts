/** What a run's data was, recorded with it so that results can be traced and compared. */
export interface DatasetIdentity {
  /** The data set that the bytes come from, for example `cifar10`. */
  readonly name: string;
  readonly split: 'train' | 'test';
  /** The folder that was read, or `generated` for data made in memory. */
  readonly source: string;
  readonly records: number;
  /** SHA-256 over all image and target bytes, in order. */
  readonly sha256: string;
  /** The data set that was asked for, when this one only stands in for it. */
  readonly standsInFor?: string;
}

/** Labelled images in memory. They stay bytes until a batch is made of them. */
export interface ImageDataset {
  readonly identity: DatasetIdentity;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** Pixels as [records, height, width, channels]: the engine's order, so that a batch is a plain copy. */
  readonly images: Uint8Array;
  /** Class index of each record. */
  readonly targets: Uint8Array;
  /** The name of each class; its length is the number of classes. */
  readonly classes: readonly string[];
}

/** What is known of each data set before it is loaded, so that a model can be checked against it. */
export const DATASETS = {
  cifar10: { channels: 3, height: 32, width: 32, classes: 10 },
  shapes: { channels: 3, height: 32, width: 32, classes: 10 },
} as const;
