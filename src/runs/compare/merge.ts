import { cpSync, readFileSync, renameSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { LossnetError, UsageError } from '../../base/errors.js';
import { makeFolder, removeQuietly, writeFileAtomically } from '../../base/files.js';
import { exists, readTextIfThere } from '../../base/read.js';
import { createScratch } from '../../base/scratch.js';
import { fromSystem } from '../../base/system-errors.js';
import { listing } from '../../config/problems/text.js';
import { parseComparison, type RecordedComparison } from '../store/comparison.js';
import { Damage } from '../store/damage.js';
import type { ComparisonFolder } from './folder.js';

/** Parts of one comparison, as they lie on the disk. */
export interface Parts {
  readonly folders: readonly string[];
  /** What all of them say: they are of the same request. */
  readonly asked: RecordedComparison;
}

/**
 * @param folders of parts of a comparison
 * @returns the parts
 * @throws UsageError when one is none, or they are of different comparisons
 */
export function readParts(folders: readonly string[]): Parts {
  const records = folders.map(recordOf);
  const [first] = records;
  const other = records.findIndex(({ sha256 }) => sha256 !== first!.sha256);
  if (other > 0) {
    throw new UsageError(
      'LOSSNET_USAGE',
      `${folders[0]} and ${folders[other]} are not parts of the same comparison.`,
      'Name folders of parts that the same command made, but for --shard.',
    );
  }
  if (first!.arguments === null) {
    throw new UsageError('LOSSNET_USAGE', `${folders[0]} was not trained by a comparison in parts.`);
  }
  return { folders, asked: first! };
}

function recordOf(folder: string): RecordedComparison {
  try {
    const record = parseComparison(folder);
    if (record !== null) return record;
  } catch (error) {
    if (!(error instanceof Damage)) throw error;
    throw new LossnetError(
      'LOSSNET_COMPARISON_DAMAGED',
      `${join(folder, 'compare.json')} is damaged: ${error.message}.`,
    );
  }
  throw new UsageError(
    'LOSSNET_COMPARISON_FOREIGN',
    exists(folder) ? `${folder} holds no comparison.` : `There is no folder ${folder}.`,
    'Name the folders that lossnet compare --shard said it saved in.',
  );
}

/** What belongs to a process, and to no copy. */
const NOT_COPIED = /^\.(lock|tmp-)/;

/**
 * Copies the runs of parts into the folder of the whole; those that are there stay.
 *
 * @param names of the runs of the whole
 * @param parts where they are
 * @param whole the folder
 * @param isDone whether a run's folder holds one that is over
 * @throws LossnetError naming every run that no part has trained to its end, or when the disk refuses
 */
export function gather(
  names: readonly string[],
  { folders }: Parts,
  whole: ComparisonFolder,
  isDone: (path: string) => boolean,
): void {
  const missing: string[] = [];
  for (const name of names) {
    const target = whole.run(name).path;
    if (isDone(target)) continue;
    const found = folders.map((folder) => join(folder, name)).find(isDone);
    if (found === undefined) missing.push(name);
    else if (exists(target)) throw inTheWay(target);
    else {
      copy(found, target, whole.path);
      copyLog(join(dirname(found), 'logs', `${name}.log`), whole.log(name));
    }
  }
  if (missing.length === 0) return;
  throw new LossnetError(
    'LOSSNET_COMPARISON_INCOMPLETE',
    `No part has trained ${listing(missing)} to the end.`,
    'Train the parts that are missing, or go on with them, and name their folders too.',
  );
}

/** Hidden, so that nothing takes a copy that was killed halfway for a run; who claims the folder next removes it. */
const scratchFor = (target: string) => join(dirname(target), `.tmp-${basename(target)}`);

/** A copy of a run, as if it had been trained in the folder of the whole. */
function copy(from: string, to: string, runsDir: string): void {
  const scratch = createScratch(scratchFor(to));
  try {
    cpSync(from, scratch, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => !NOT_COPIED.test(basename(path)),
    });
    const config = join(scratch, 'config.yaml');
    const text = readFileSync(config, 'utf8');
    writeFileAtomically(
      config,
      text.replace(
        /^runs_dir: .*\n(?: .*\n)*/m,
        () => `runs_dir: ${stringify(runsDir, { lineWidth: 0 }).trim()}\n`,
      ),
    );
    renameSync(scratch, to);
  } catch (error) {
    removeQuietly(scratch);
    throw fromSystem(error);
  }
}

/** What was said of the run, where anything was. */
function copyLog(from: string, to: string): void {
  const text = readTextIfThere(from);
  if (text === null) return;
  makeFolder(dirname(to));
  writeFileAtomically(to, text);
}

const inTheWay = (path: string) =>
  new LossnetError(
    'LOSSNET_COMPARISON_EXISTS',
    `${path} is there, and is not finished.`,
    'Remove it, and merge again.',
  );
