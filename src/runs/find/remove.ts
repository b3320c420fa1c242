import { lstatSync, realpathSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { LossnetError, UsageError } from '../../base/errors.js';
import { shellWord } from '../../base/printable.js';
import { exists, kindOf } from '../../base/read.js';
import { cannotRead } from '../../base/system-errors.js';
import { listing } from '../../config/problems/text.js';
import { removeEmptyComparison } from '../compare/folder.js';
import { sweepDiscarded } from '../store/discard.js';
import { foreignIn, hasSavedConfig, removeRun } from '../store/folder.js';
import { isHeld } from '../store/lock.js';
import { missingRun } from '../store/read.js';
import { runFolders } from '../store/run-folders.js';
import { best } from './best.js';
import { choose } from './conditions.js';
import { fieldsOf } from './fields.js';
import { overviewOf, type RunOverview } from './overview.js';

export interface RemovalOptions {
  /** Of the runs that were found, so many that are best by the figure that they monitor are kept. Default: none. */
  readonly keepBest?: number | undefined;
  /** Conditions for what is removed, such as `status=diverged`. Default: none. */
  readonly where?: readonly string[] | undefined;
}

/** A run that stays, and why. */
export interface LeftRun {
  readonly path: string;
  readonly reason: string;
}

/** What is to be removed. Nothing has been yet. */
export interface Removal {
  readonly runs: readonly RunOverview[];
  /** The best of all. */
  readonly kept: readonly RunOverview[];
  /** Runs found in a folder that cannot be removed. */
  readonly left: readonly LeftRun[];
  /** What comes free. */
  readonly bytes: number;
}

/**
 * Finds out what a removal would remove, and refuses what must not be: what is no run or holds files of somebody else's, what is being
 * trained, and what lies behind a link. Of what was named itself, one refusal refuses all; a run found in a folder just stays.
 *
 * @param paths folders of runs, or folders with runs in them
 * @param options which of them
 * @returns what would be removed
 * @throws UsageError with all that is wrong; LossnetError when something cannot be looked at
 */
export function planRemoval(paths: readonly string[], options: RemovalOptions = {}): Removal {
  const { keepBest = 0, where = [] } = options;
  const wrong = paths.flatMap((path) => refusalOf(path) ?? []);
  const found = wrong.length > 0 ? [] : unique(paths.flatMap(runsIn));
  const problems = found.map(({ path, isNamed }) => ({ path, isNamed, reason: reasonToStay(path) }));
  for (const { path, isNamed, reason } of problems) {
    if (isNamed && reason !== null) wrong.push(refusal(path, reason));
  }
  if (wrong.length > 0) throw together(wrong);
  const overviews = problems.map(({ path, reason }) => {
    const run = overviewOf(path);
    return { run: { ...run, reason }, fields: fieldsOf(run) };
  });
  const asked = choose(overviews, where, undefined).map(({ reason, ...run }) => {
    // How good it is nobody knows.
    const unknown = keepBest > 0 && run.problem !== null ? 'cannot be read, and so not be judged' : null;
    return { run, reason: reason ?? unknown };
  });
  const left = asked.flatMap(({ run, reason }) => (reason === null ? [] : [{ path: run.path, reason }]));
  const chosen = asked.flatMap(({ run, reason }) => (reason === null ? [run] : []));
  const kept = keepBest === 0 ? [] : best(chosen, keepBest);
  const runs = chosen.filter((run) => !kept.includes(run));
  return { runs, kept, left, bytes: runs.reduce((sum, run) => sum + run.bytes, 0) };
}

/** What was removed, and what could not be. */
export interface Removed {
  readonly runs: readonly RunOverview[];
  /** Bytes that came free. */
  readonly bytes: number;
  readonly failed: readonly { readonly path: string; readonly error: LossnetError }[];
}

/**
 * Removes runs. Each is renamed first and then removed: killed in between, nothing is left that looks like a run.
 *
 * @param removal from `planRemoval`
 * @param onRemoved told of each run once it is gone
 * @returns what came of it; one that cannot be removed keeps none of the others from it
 */
export function removeRuns(removal: Removal, onRemoved: (run: RunOverview) => void = () => {}): Removed {
  const runs: RunOverview[] = [];
  const failed: { path: string; error: LossnetError }[] = [];
  for (const parent of new Set(removal.runs.map(({ path }) => dirname(path)))) sweepDiscarded(parent);
  const attempt = (path: string, work: () => void): void => {
    try {
      work();
    } catch (error) {
      if (!(error instanceof LossnetError)) throw error;
      failed.push({ path, error });
    }
  };
  for (const run of removal.runs) {
    attempt(run.path, () => {
      removeRun(run.path);
      runs.push(run);
    });
    if (runs.at(-1) === run) onRemoved(run);
  }
  for (const parent of new Set(runs.map(({ path }) => dirname(path))))
    attempt(parent, () => removeEmptyComparison(parent));
  return { runs, bytes: runs.reduce((sum, { bytes }) => sum + bytes, 0), failed };
}

/** Why what was named cannot be meant; null: it can. */
function refusalOf(path: string): UsageError | null {
  if (kindOf(path) !== 'folder') return missingRun(path);
  if (!hasLink(path)) {
    if (runFolders(path).length > 0) return null;
    const remedy = 'lossnet runs lists those that there are.';
    return new UsageError('LOSSNET_RUN_MISSING', `${path} is no run, and holds none.`, remedy);
  }
  return new UsageError(
    'LOSSNET_RUN_KEPT',
    `${path} is reached by a link: it lies in ${realPath(path)}.`,
    'Nothing behind a link is removed: name the folder itself.',
  );
}

/** The runs that lie in a folder: none that a comparison only names, and none behind a link. */
function runsIn(path: string): { path: string; isNamed: boolean }[] {
  const root = realPath(path);
  return runFolders(path)
    .filter((run) => run === path || isWithin(realPath(run), root))
    .map((run) => ({ path: run, isNamed: run === path }));
}

function unique<T extends { readonly path: string; readonly isNamed: boolean }>(runs: readonly T[]): T[] {
  const places = new Map<string, T>();
  for (const run of runs) {
    const place = realPath(run.path);
    if (run.isNamed || !places.has(place)) places.set(place, run);
  }
  return [...places.values()];
}

const WORKED_IN = 'holds the folder that this is run in';

function refusal(path: string, reason: string): UsageError {
  const place = realPath(path);
  const remedy =
    reason === WORKED_IN
      ? `Go out of it first: cd ${shellWord(dirname(place))} && lossnet runs rm ${shellWord(basename(place))}`
      : undefined;
  return new UsageError('LOSSNET_RUN_KEPT', `${path} ${reason}.`, remedy);
}

/** Why a run must stay, as a predicate; null: it need not. */
function reasonToStay(path: string): string | null {
  try {
    // Some systems refuse to rename it, and on the others whoever is there would stand nowhere.
    if (isWithin(realPath('.'), realPath(path))) return WORKED_IN;
    if (isHeld(path)) return 'is being trained';
    if (isCompared(dirname(path)) && isHeld(dirname(path))) return 'is part of a comparison that is at work';
    if (!hasSavedConfig(path)) return 'has a config.yaml that lossnet did not save: it is no run';
    const foreign = foreignIn(path);
    if (foreign.length === 0) return null;
    return `holds what lossnet did not write: ${listing(foreign.slice(0, 5))}`;
  } catch (error) {
    if (error instanceof LossnetError) return `cannot be looked into: ${error.message.replace(/\.$/, '')}`;
    throw error;
  }
}

function together(errors: readonly UsageError[]): UsageError {
  const [first] = errors as [UsageError];
  if (errors.length === 1) return first;
  const remedies = [...new Set(errors.flatMap(({ remedy }) => remedy ?? []))];
  return new UsageError(
    first.code as `LOSSNET_${string}`,
    `Nothing was removed:\n${errors.map(({ message }) => message.replace(/^/gm, '  ')).join('\n')}`,
    remedies.join('\n') || undefined,
  );
}

const isCompared = (folder: string) => exists(join(folder, 'compare.json'));

function isWithin(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** Whether a part of a path is a link; of one outside of the working folder, whose beginning is the system's, the last part. */
function hasLink(path: string): boolean {
  const isOutside = isAbsolute(path) && !isWithin(path, resolve('.'));
  if (isOutside) return isLink(resolve(path));
  const parts = (isAbsolute(path) ? relative('.', path) : path).split(sep).filter((part) => part !== '');
  return parts.some((_, i) => isLink(parts.slice(0, i + 1).join(sep)));
}

const isLink = (path: string) => lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    throw cannotRead(path, error);
  }
}
