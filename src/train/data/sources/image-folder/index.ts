import { basename, resolve } from 'node:path';
import { LossnetError } from '../../../../base/errors.js';
import { plural } from '../../../../base/format.js';
import { type Finding, MOST_PLACES } from '../../audit/finding.js';
import type { DataSpec, Dataset, DatasetIdentity } from '../../dataset.js';
import type { DataSource } from '../../source.js';
import { type ImageFolderOptions, MOST_IN_MEMORY, sizeOf } from './options.js';
import { type Scan, scanOnce } from './scan.js';

export type { ImageFolderOptions } from './options.js';

/**
 * Pictures in class folders. What the classes are is told by the names of folders alone, so its spec is known without a picture
 * being read; all of them are decoded when it is loaded, as those that cannot be are no samples, and kept for the next time.
 *
 * @param options where they are, and what they become
 * @param mostInMemory how many bytes of decoded pictures are held in memory; default: 500 MB
 * @returns the data set; `spec` and `load` throw DataError for folders that make no data set, `load` also LossnetError
 * `LOSSNET_DATA_PICTURES` for pictures that are broken, and `LOSSNET_DATA_CACHE` for more than memory and disk can hold
 */
export function imageFolder(options: ImageFolderOptions, mostInMemory = MOST_IN_MEMORY): DataSource {
  let scanned: Scan | undefined;
  let broken: readonly string[] = [];
  // The same for as long as this object lives, whatever becomes of the folders.
  const scan = () => {
    scanned ??= scanOnce(options);
    return scanned;
  };
  return {
    get spec() {
      return specOf(options, scan());
    },
    async load(hooks = {}) {
      const known = { scan: scan(), spec: specOf(options, scan()), mostInMemory };
      const { loadPictures } = await decoding();
      const { broken: found, ...parts } = await loadPictures(options, known, hooks);
      broken = found;
      return { ...parts, preprocessing: { spec: known.spec, inputs: null } };
    },
    findings: async () => (broken.length === 0 ? [] : [unreadable(broken)]),
    recall: (identity, roots) => recall(options, mostInMemory, identity, roots),
  };
}

/** Loaded with the first pictures: a run on other data need not wait for it. */
const decoding = () => import('./load.js');

function specOf(options: ImageFolderOptions, { classes, val, test }: Scan): DataSpec {
  return {
    name: basename(resolve(options.root)),
    input: { kind: 'image', channels: options.channels, ...sizeOf(options) },
    target: { kind: 'class', names: classes },
    hasTest: test !== null || (val === null && options.split.test > 0),
  };
}

/** Only where they are left out: else nothing can be loaded, and that says why. */
function unreadable(broken: readonly string[]): Finding {
  const count = broken.length;
  return {
    ...{ kind: 'unreadable', level: 'error', count, places: broken.slice(0, MOST_PLACES) },
    message: `${plural(count, 'picture')} cannot be used, and ${count === 1 ? 'is' : 'are'} left out`,
    remedy: 'replace or remove them',
  };
}

/** From where it was, else from where it may be now; the first of all that can be read, where none is the same. */
async function recall(
  options: ImageFolderOptions,
  mostInMemory: number,
  identity: DatasetIdentity,
  roots: readonly string[],
): Promise<Dataset> {
  let other: Dataset | undefined;
  let failure: LossnetError | undefined;
  const { loadPictures } = await decoding();
  const candidates = [...new Set([identity.source, options.root, ...roots])];
  for (const root of candidates) {
    try {
      const own = { ...options, root };
      const scan = scanOnce(own);
      const parts = await loadPictures(own, { scan, spec: specOf(own, scan), mostInMemory }, {});
      const { train, eval: evaluation, test } = parts;
      const found = { train, val: evaluation, test: test ?? evaluation }[identity.split];
      if (found.identity.sha256 === identity.sha256) return found;
      other ??= found;
    } catch (error) {
      if (!(error instanceof LossnetError)) throw error;
      failure ??= error;
    }
  }
  if (other !== undefined) return other;
  throw new LossnetError(
    'LOSSNET_DATA_UNAVAILABLE',
    `The ${identity.split} pictures of ${identity.name} cannot be had: looked in ${candidates.join(', ')}. ${failure!.message}`,
    'Put them back, or name their folder in LOSSNET_DATA.',
  );
}
