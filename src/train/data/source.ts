import { LossnetError } from '../../base/errors.js';
import { kindOf } from '../../base/read.js';
import type { Finding } from './audit/finding.js';
import { type DataSpec, type Dataset, type DatasetIdentity, unitOf } from './dataset.js';
import type { Preprocessing } from './preprocessing.js';

export interface LoadedDatasets {
  readonly train: Dataset;
  /** What is looked at while training: it chooses the best epoch. */
  readonly eval: Dataset;
  /** What is looked at once, at the end; absent: there is none. */
  readonly test?: Dataset | undefined;
  /** What was learnt from the training part, where the configuration alone does not say it. */
  readonly preprocessing?: Preprocessing;
  /** How the data were taken, where that was found out from them. */
  readonly notes?: readonly string[];
  /** What a user must be told about the data. */
  readonly warnings: readonly string[];
}

/** What loading tells, and is told. */
export interface LoadHooks {
  /** Called as something is downloaded: what, and how many of its bytes are there. */
  readonly onDownload?: ((name: string, received: number, total: number) => void) | undefined;
  /** Called as something is prepared that takes long: what is done, and how much of it. */
  readonly onPrepare?: ((what: string, done: number, total: number) => void) | undefined;
  /** Called with what there is to say meanwhile. */
  readonly onMessage?: ((text: string) => void) | undefined;
  /** Stops a download and what is prepared; what has arrived is kept for the next one. */
  readonly signal?: AbortSignal | undefined;
}

/** A data set: it says what it is before it is loaded, and loads what to train and to evaluate on. */
export interface DataSource {
  /** Of some sources a file must be read for it. @throws LossnetError when it cannot be */
  readonly spec: DataSpec;
  /**
   * @param hooks told of a download, and what stops it
   * @returns the two data sets, the same object twice when the splits are the same, and warnings
   * @throws LossnetError `LOSSNET_DATA_…` when they cannot be had
   */
  load(hooks?: LoadHooks): Promise<LoadedDatasets>;
  /**
   * Loads again what a run recorded. Nothing is downloaded, and nothing stands in for it that did not then.
   *
   * @param identity what the run recorded
   * @param roots further folders to look in, such as where data sets are kept now
   * @throws LossnetError `LOSSNET_DATA_…` when it is not there
   */
  recall(identity: DatasetIdentity, roots: readonly string[]): Promise<Dataset>;
  /** Its parts, where all of it was read for the spec, so that nothing is read for them. Absent: loading alone tells. */
  known?(): Pick<LoadedDatasets, 'train' | 'eval' | 'test'>;
  /** What only the data set itself can know is wrong with it, once it was loaded. Absent: nothing. */
  findings?(): Promise<readonly Finding[]>;
}

/**
 * Loads again the very samples that a run recorded.
 *
 * @param source the run's data set
 * @param identity what the run recorded of it
 * @param roots further folders to look in
 * @returns the samples
 * @throws LossnetError `LOSSNET_DATA_UNAVAILABLE` when they are not there, `LOSSNET_DATA_CHANGED` when what is there
 * are others; `LOSSNET_DATA_CORRUPT` and its kin for files that cannot be read
 */
export async function recallDataset(
  source: DataSource,
  identity: DatasetIdentity,
  roots: readonly string[] = [],
): Promise<Dataset> {
  const dataset = await source.recall(identity, roots);
  const { sha256 } = dataset.identity;
  if (sha256 === identity.sha256) return dataset;
  throw new LossnetError(
    'LOSSNET_DATA_CHANGED',
    `The ${identity.split} ${unitOf(dataset.spec)} of ${identity.name} in ${dataset.identity.source} are not those of the run: their SHA-256 is ${sha256.slice(0, 16)}…, the run recorded ${identity.sha256.slice(0, 16)}….`,
    kindOf(identity.source) === 'file'
      ? 'Bring the file back as it was. To evaluate on what it is now, name a copy of it as other data: dataset.path=<copy>'
      : 'Name the folder of the data that the run used in LOSSNET_DATA.',
  );
}
