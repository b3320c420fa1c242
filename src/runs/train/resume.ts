import { basename, dirname, join, resolve } from 'node:path';
import { UsageError } from '../../base/errors.js';
import { shellWord } from '../../base/printable.js';
import { exists, readTextIfThere } from '../../base/read.js';
import { loadConfig, type Plan, type ResolvedConfig } from '../../config/index.js';
import type { Progress } from '../../train/checkpoint.js';
import type { Place } from '../parallel/place.js';
import { resumeCommand } from '../parallel/way-on.js';
import { leaves } from '../store/differences.js';
import type { RunFolder } from '../store/folder.js';
import { lineReader, type RunLine } from '../store/records.js';

/** What may differ when a run is resumed: how long it is, what is shown, saved and expected, where the data lies. */
const MAY_CHANGE = [
  /^epochs$/,
  /^name$/,
  /^runs_dir$/,
  /^log_every$/,
  /^tensorboard$/,
  /^expect(\.|$)/,
  /^checkpoint\.every_steps$/,
  /^dataset\.(root|download|if_unavailable)$/,
  /^dataset\.cache\./,
  // When it ends follows from its figures and its time, whichever of them it is told to look at.
  /^early_stopping\.(patience|min_delta|restore_best)$/,
  /^max_time$/,
  // Where the ranks are, and how long they wait for each other.
  /^parallel\.(hosts|join_timeout|timeout|trusted_network)(\.|$)/,
];

/**
 * Refuses to continue a run under a configuration that would have made another one.
 *
 * @param config the configuration now
 * @param folder the run's folder, with the configuration that it began with
 * @param place where this process stands among several; null: it trains alone
 * @throws UsageError listing every differing key
 */
export function checkSameRun(config: ResolvedConfig, folder: RunFolder, place: Place | null = null): void {
  const begun = loadConfig({ file: folder.config, isRecord: true }).yaml;
  const saved = leaves(begun);
  const now = leaves(config.yaml);
  const keys = [...new Set([...saved.keys(), ...now.keys()])];
  const { schedule } = config.yaml;
  // A schedule over the whole run has another shape when the run is longer: its past would have been another.
  const followsEpochs =
    schedule.type === 'one_cycle' || (schedule.type === 'cosine' && schedule.t_max === null);
  const mayChange = (key: string) =>
    MAY_CHANGE.some((rule) => rule.test(key)) && !(key === 'epochs' && followsEpochs);
  const differing = keys.filter((key) => saved.get(key) !== now.get(key) && !mayChange(key));
  if (differing.length === 0) return;
  const lines = differing.map(
    (key) => `${key}: ${saved.get(key) ?? 'not set'} in the run, ${now.get(key) ?? 'not set'} now`,
  );
  throw new UsageError(
    'LOSSNET_RESUME_MISMATCH',
    `${folder.path} was begun with another configuration:\n  ${lines.join('\n  ')}`,
    `Resume it as it is with: ${resumeCommand(folder.path, begun.parallel, place)}\nOr start a new run with --name.`,
  );
}

/**
 * Refuses to begin anew in place of a run that has come so far that it was saved.
 *
 * @throws UsageError when there is nothing to continue from, and something that would be lost
 */
export function checkResumable(folder: RunFolder): void {
  const { path, metrics, checkpoints } = folder;
  const weights = (name: string) => join(checkpoints, `${name}.safetensors`);
  if (exists(weights('resume'))) return;
  const saved = ['best', 'last'].map(weights).find((file) => exists(file));
  if (saved === undefined && !tellsOfSavedEpoch(metrics)) return;
  throw new UsageError(
    'LOSSNET_RESUME_MISSING',
    `${path} was saved before, and cannot be continued: ${weights('resume')} is missing.`,
    [
      `Put it back; or replace the run: ${trainAnew(folder)} (of a comparison, remove ${path} and compare again).`,
      ...(saved === undefined ? [] : [`To begin another run with its weights: init.from=${saved}`]),
    ].join('\n'),
  );
}

/** What trains a run again into its own folder: it may have been moved, or copied, since its configuration was written. */
function trainAnew({ path, config }: RunFolder): string {
  const { name, runs_dir } = loadConfig({ file: config, isRecord: true }).yaml;
  const isThere = resolve(runs_dir, name) === resolve(path);
  const moved = isThere ? [] : [`runs_dir=${dirname(path)}`, `name=${basename(resolve(path))}`];
  return ['lossnet train', ...[config, ...moved].map(shellWord), '--force'].join(' ');
}

/** Epochs are on record once they are saved, but for one that was found to have diverged when it was to be saved. */
function tellsOfSavedEpoch(metrics: string): boolean {
  const records = (readTextIfThere(metrics) ?? '').split('\n').flatMap(lineOrNothing);
  const epochs = records.filter(({ type }) => type === 'epoch').length;
  const isUnsaved = records.some((record) => record.type === 'diverged' && record.phase === 'saving');
  return epochs > (isUnsaved ? 1 : 0);
}

/** Whatever its task: which epochs there are is all that is asked here. */
const readLine = lineReader([]);

function lineOrNothing(line: string): RunLine[] {
  try {
    return [readLine(line) ?? []].flat();
  } catch {
    return [];
  }
}

/**
 * Refuses to end a run where it has been already.
 *
 * @param progress where it stands
 * @param plan what it is to become: how many epochs it is to have
 * @param folder the run's
 * @param place where this process stands among several; null: it trains alone
 * @throws UsageError when it has had more
 */
export function checkEpochs(
  { epoch, batch }: Progress,
  { config: { epochs }, resolved }: Plan,
  { path }: RunFolder,
  place: Place | null,
): void {
  const begun = epoch + (batch > 0 ? 1 : 0);
  if (begun <= epochs) return;
  const has = batch > 0 ? `is in epoch ${begun} already` : `has had ${epoch} epochs already`;
  throw new UsageError(
    'LOSSNET_RESUME_MISMATCH',
    `${path} ${has}, and epochs: ${epochs} would end it before that.`,
    `Resume it as it is with: ${resumeCommand(path, resolved.yaml.parallel, place)}\nOr start a new run with --name.`,
  );
}
