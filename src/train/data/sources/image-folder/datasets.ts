import { createHash } from 'node:crypto';
import type { DataSpec, Dataset, Split } from '../../dataset.js';

import { coloursOf, type ImageFolderOptions, sizeOf } from './options.js';
import type { Pictures } from './pictures.js';

/** A picture that can be trained on. */
export interface Sample {
  /** SHA-256 of its file. */
  readonly hash: string;
  readonly label: number;
  readonly path: string;
  /** Where it lies among the decoded ones. */
  readonly slot: number;
}

/** What all parts of a data set share. */
export interface Whole {
  readonly spec: DataSpec;
  readonly options: ImageFolderOptions;
  readonly classes: readonly string[];
}

/**
 * Makes a part of a data set.
 *
 *     sha256 = SHA-256( what pictures become and the names of the classes, as JSON; of each sample, in order, the SHA-256 of its
 *                       file and the number of its class )
 *
 * so that it changes with a picture, a label, an option or the order, and not with the names of files.
 *
 * @param samples its pictures, in their order
 * @param split which part it is
 * @param pictures where their bytes are
 * @param whole what it is a part of
 * @returns the part
 */
export function datasetOf(
  samples: readonly Sample[],
  split: Split,
  pictures: Pictures,
  { spec, options, classes }: Whole,
): Dataset {
  const { resize, channels, background, decode, root } = options;
  const { height, width } = sizeOf(options);
  const asked = { height, width, resize, channels, background: coloursOf(background) };
  // Runs from before there was a choice were decoded fast, and are to be known again.
  const made = { ...asked, ...(decode === 'exact' && { decode }) };
  const hash = createHash('sha256').update(JSON.stringify([made, classes]));
  for (const sample of samples) hash.update(sample.hash, 'hex').update(`${sample.label}\n`);
  const slots = Uint32Array.from(samples, ({ slot }) => slot);
  return {
    identity: { name: spec.name, split, source: root, records: samples.length, sha256: hash.digest('hex') },
    spec,
    inputs: {
      read: (record) => pictures.read(slots[record]!),
      held: pictures.held && { bytes: pictures.held, places: slots },
    },
    targets: Int32Array.from(samples, ({ label }) => label),
    nameOf: (record) => samples[record]!.path,
  };
}
