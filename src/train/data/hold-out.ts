import { createHash } from 'node:crypto';
import { type Dataset, type DatasetIdentity, type Inputs, inMemory, type Split, unitOf } from './dataset.js';
import type { DataSource, LoadedDatasets } from './source.js';
import { hashOf, type Parts, type SplitOptions, splitRecords } from './split.js';

/** What a data set with a test part of its own holds out of its training part. */
export type HoldOut = Pick<SplitOptions, 'val' | 'seed' | 'stratify'> & { readonly by: 'hash' | 'random' };

/**
 * Holds a part of what could be trained on out to choose the best epoch with, so that what was there to evaluate on is left
 * for the end. By hash an image's own bytes decide.
 *
 * @param source a data set in two parts
 * @param holdOut how much, and how; null: nothing, the data set stays as it is
 * @returns the data set in three parts
 */
export function holdOutOf(source: DataSource, holdOut: HoldOut | null): DataSource {
  if (holdOut === null) return source;
  return {
    get spec() {
      return { ...source.spec, hasTest: true };
    },
    async load(hooks): Promise<LoadedDatasets> {
      const { train, eval: test, preprocessing, ...rest } = await source.load(hooks);
      const parts = partsOf(train, holdOut);
      const of = (split: 'train' | 'val') => takeOut(train, parts[split], split);
      const spec = preprocessing && { ...preprocessing.spec, hasTest: true };
      const fitted = preprocessing && spec && { preprocessing: { ...preprocessing, spec } };
      return { ...rest, ...fitted, train: of('train'), eval: of('val'), test };
    },
    async recall(identity, roots) {
      const { from, ...own } = identity;
      if (from === undefined) return await source.recall(identity, roots);
      const whole = await source.recall({ ...own, ...from }, roots);
      const split = identity.split === 'val' ? 'val' : 'train';
      return takeOut(whole, partsOf(whole, holdOut)[split], split);
    },
  };
}

function partsOf(dataset: Dataset, holdOut: HoldOut): Parts {
  const { identity, spec, targets } = dataset;
  const { records, name, split } = identity;
  const bytes = bytesOf(inMemory(dataset));
  const each = bytes.length / records;
  const hashes = () =>
    Float64Array.from({ length: records }, (_, i) =>
      hashOf(holdOut.seed, bytes.subarray(i * each, (i + 1) * each)),
    );
  return splitRecords(
    {
      count: records,
      hashes: holdOut.by === 'hash' ? hashes() : null,
      classes: spec.target.kind === 'class' ? Int32Array.from(targets) : null,
    },
    { ...holdOut, test: 0 },
    `${name} ${split}`,
    unitOf(spec),
  );
}

/** Some samples of a data set, as one of their own. */
function takeOut(dataset: Dataset, which: Uint32Array, split: Split): Dataset {
  const { identity, spec, targets, nameOf } = dataset;
  const { records: all, split: whole, sha256: hash, ...rest } = identity;
  const own = { inputs: rowsOf(inMemory(dataset), which, all), targets: rowsOf(targets, which, all) };
  const sha256 = createHash('sha256').update(bytesOf(own.inputs)).update(bytesOf(own.targets)).digest('hex');
  const from: DatasetIdentity['from'] = { split: whole, records: all, sha256: hash };
  const naming = nameOf && { nameOf: (record: number) => nameOf(which[record]!) };
  return { spec, ...own, ...naming, identity: { ...rest, split, records: which.length, sha256, from } };
}

function rowsOf<T extends Inputs | Int32Array>(values: T, which: Uint32Array, records: number): T {
  const each = values.length / records;
  const rows = new (values.constructor as new (length: number) => T)(which.length * each);
  for (const [to, from] of which.entries())
    rows.set(values.subarray(from * each, (from + 1) * each), to * each);
  return rows;
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Inputs | Int32Array) =>
  new Uint8Array(buffer, byteOffset, byteLength);
