import { basename, resolve } from 'node:path';
import { LossnetError } from '../../../../base/errors.js';
import { makeFolder } from '../../../../base/files.js';
import { printableName } from '../../../../base/printable.js';
import { DataError, quoted, some } from '../../data-error.js';
import type { DataSpec, Split } from '../../dataset.js';
import type { LoadedDatasets, LoadHooks } from '../../source.js';
import { hashOf, splitRecords } from '../../split.js';
import { indexFile, picturesFolder } from './cache.js';
import { contentsOf } from './contents.js';
import { datasetOf, type Sample } from './datasets.js';
import { notesOn, type SampleParts, warningsOn } from './describe.js';
import type { Content } from './file.js';
import type { Picture } from './layout.js';
import type { ImageFolderOptions } from './options.js';
import type { Pictures, Wanted } from './pictures.js';
import { type Progress, progressOf } from './progress.js';
import { providePictures } from './provide.js';
import type { Scan } from './scan.js';
import { PictureThreads } from './threads.js';

/** Broken pictures that an error names; it tells how many there are. */
const MOST_NAMED = 50;

/** What is known of a data set before it is loaded. */
interface Known {
  readonly scan: Scan;
  readonly spec: DataSpec;
  readonly mostInMemory: number;
}

/** The parts, and what was left out of them, each with what is wrong. */
interface Loaded extends LoadedDatasets {
  readonly broken: readonly string[];
}

/**
 * Reads and decodes all pictures, and shares them out.
 *
 * @param options the data set
 * @param known which pictures there are, what the data set is, and how many bytes of them are held in memory
 * @param hooks told how far it is, and what stops it
 * @returns its parts
 * @throws LossnetError `LOSSNET_DATA_PICTURES` with all pictures that are broken; DataError when a part or a class would be empty
 */
export async function loadPictures(
  options: ImageFolderOptions,
  { scan, spec, mostInMemory }: Known,
  hooks: LoadHooks,
): Promise<Loaded> {
  const { root, onError } = options;
  const all = [...scan.train, ...(scan.val ?? []), ...(scan.test ?? [])];
  const progress = progressOf(hooks, basename(resolve(root)));
  const { contents, pictures } = await provide(all, { ...options, mostInMemory }, progress);

  const samples = new Map<Picture, Sample>();
  const broken: string[] = [];
  for (const [at, { path, label }] of all.entries()) {
    const content = contents[at]!;
    const problem = 'hash' in content ? pictures.broken.get(content.hash) : content.problem;
    if (problem !== undefined) broken.push(`${printableName(path)} ${problem}`);
    else if ('hash' in content) {
      const { hash } = content;
      samples.set(all[at]!, { hash, label, path, slot: pictures.slots.get(hash)! });
    }
  }
  if (broken.length > 0 && onError === 'fail') throw brokenPictures(broken, root);

  const of = (own: readonly Picture[]) =>
    own.flatMap((picture) => samples.get(picture) ?? []).sort(byContent);
  const told = {
    train: of(scan.train),
    val: scan.val && of(scan.val),
    test: scan.test && of(scan.test),
  };
  const parts = shareOut(told, options);
  refuseEmpty(parts, scan, root);
  const make = (part: Split, own: readonly Sample[]) =>
    datasetOf(own, part, pictures, { spec, options, classes: scan.classes });
  return {
    broken,
    train: make('train', parts.train),
    eval: make('val', parts.val),
    test: parts.test.length === 0 ? undefined : make('test', parts.test),
    preprocessing: { spec, inputs: null },
    notes: notesOn(root, scan, parts),
    warnings: [
      ...scan.warnings,
      ...new Set(pictures.warnings),
      ...(broken.length === 0 ? [] : [`${root}: left out, as they cannot be used:\n  ${listed(broken)}`]),
      ...warningsOn(root, scan, parts),
    ],
  };
}

async function provide(
  all: readonly Picture[],
  options: ImageFolderOptions & Pick<Known, 'mostInMemory'>,
  progress: Progress,
): Promise<{ contents: Content[]; pictures: Pictures }> {
  const { root, cache } = options;
  const paths = all.map(({ path }) => path);
  const index = cache.enabled && isWritable() ? indexFile(root) : null;
  const threads = new PictureThreads(options);
  try {
    const contents = await contentsOf(paths, index, threads, progress);
    const wanted = wantedOf(all, contents);
    return { contents, pictures: await providePictures(wanted, { ...options, threads }, progress) };
  } finally {
    await threads.close();
  }
}

/** Each content once, with the first file that has it. */
function wantedOf(all: readonly Picture[], contents: readonly Content[]): Wanted[] {
  const paths = new Map<string, string>();
  for (const [at, content] of contents.entries()) {
    if ('hash' in content && !paths.has(content.hash)) paths.set(content.hash, all[at]!.path);
  }
  // In the order of their contents: that of the names is no matter.
  return [...paths].map(([hash, path]) => ({ hash, path })).sort((a, b) => (a.hash < b.hash ? -1 : 1));
}

/** An order that mixes the classes, so that the first so many are of all of them, and in which further pictures move none. */
function byContent(a: Sample, b: Sample): number {
  return a.hash < b.hash ? -1 : a.hash > b.hash ? 1 : a.label - b.label;
}

/** Where folders say what is to be evaluated on, that is so; else it is taken out of the rest. */
function shareOut(
  told: { readonly train: Sample[]; readonly val: Sample[] | null; readonly test: Sample[] | null },
  { root, split }: ImageFolderOptions,
): SampleParts {
  const { train: own, val, test } = told;
  if (val !== null) return { train: own, val, test: test ?? [] };
  const parts = splitRecords(
    {
      count: own.length,
      // The same picture twice is in one part, as it is by hash.
      groups: split.by === 'random' && !split.stratify ? groupsOf(own) : null,
      hashes: split.by === 'hash' ? Float64Array.from(own, ({ hash }) => hashOf(split.seed, hash)) : null,
      classes: Int32Array.from(own, ({ label }) => label),
    },
    test === null ? split : { ...split, test: 0 },
    root,
    'pictures',
  );
  const at = (rows: Uint32Array) => Array.from(rows, (row) => own[row]!);
  return { train: at(parts.train), val: at(parts.val), test: test ?? at(parts.test) };
}

/** Those of the same content; they follow one another. */
function groupsOf(samples: readonly Sample[]): Int32Array {
  let group = 0;
  return Int32Array.from(samples, ({ hash }, i) => {
    if (i > 0 && hash !== samples[i - 1]!.hash) group += 1;
    return group;
  });
}

function refuseEmpty({ train, val }: SampleParts, { classes }: Scan, root: string): void {
  const seen = new Set(train.map(({ label }) => label));
  const never = classes.filter((_, label) => !seen.has(label)).map(quoted);
  if (never.length > 0) {
    throw new DataError('split', `${root}: no picture to train on is of class ${some(never)}`, [
      'add pictures, set split.by to random and split.stratify to true, or set other shares',
    ]);
  }
  if (val.length > 0) return;
  throw new DataError('root', `${root}: no picture to evaluate on can be used`, ['add some']);
}

function brokenPictures(broken: readonly string[], root: string): LossnetError {
  const count = broken.length === 1 ? 'A picture' : `${broken.length} pictures`;
  return new LossnetError(
    'LOSSNET_DATA_PICTURES',
    `${count} of ${root} cannot be used:\n  ${listed(broken)}`,
    'Replace or remove them, or leave them out: dataset.on_error: skip',
  );
}

function listed(broken: readonly string[]): string {
  const more = broken.length - MOST_NAMED;
  return [...broken.slice(0, MOST_NAMED), ...(more > 0 ? [`and ${more} more`] : [])].join('\n  ');
}

/** Where it is not, the decoded pictures cannot be kept either, and that is said there. */
function isWritable(): boolean {
  try {
    makeFolder(picturesFolder());
    return true;
  } catch (error) {
    if (error instanceof LossnetError) return false;
    throw error;
  }
}
