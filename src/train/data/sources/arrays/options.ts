import type { HoldOut } from '../../hold-out.js';

/** Where inputs and targets are: files of NumPy's `.npy`, or the names of arrays in one `.npz` or safetensors file. */
export interface ArrayPlace {
  /** An `.npz` or safetensors file; null: inputs and targets are `.npy` files. */
  readonly path: string | null;
  readonly inputs: string | null;
  readonly targets: string | null;
}

/** Arrays in files: each of their first dimension is a sample. */
export interface ArraysOptions extends ArrayPlace {
  readonly type: 'arrays';
  /** Arrays of their own to choose the best epoch with, or the file that has them under the same names; null: a part is held out. */
  readonly eval: string | Partial<ArrayPlace> | null;
  /** Likewise for the end. */
  readonly test: string | Partial<ArrayPlace> | null;
  /** Names of the classes, in the order of their numbers from 0; none: the numbers. */
  readonly classes: readonly string[];
  /** Names of the real values; none: the name of the array. */
  readonly values: readonly string[];
  /** Whether targets are classes or numbers; null: as they look. */
  readonly targetType: 'class' | 'number' | null;
  /** Where the channels of images are; null: found out. */
  readonly imageOrder: 'channels_last' | 'channels_first' | null;
  /** Whether all values of a sample are features, whatever its shape. */
  readonly flatten: boolean;
  /** Whether numbers become (x - mean) / std of the training part: features alone, real targets too, or none. */
  readonly standardize: boolean | 'features';
  /** What is held out of the arrays to train on. */
  readonly split: HoldOut & { readonly test: number };
  /** What the loss wants: whole numbers may be classes or numbers. Absent: they are classes. */
  readonly wanted?: 'class' | 'number' | null;
}
