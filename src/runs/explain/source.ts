import { basename, dirname, join } from 'node:path';
import { UsageError } from '../../base/errors.js';
import { exists, foldersIn, kindOf } from '../../base/read.js';
import { loadConfig, type Plan, planRun, type ResolvedConfig } from '../../config/index.js';
import { exportedModel, isExported, RunFolder } from '../store/folder.js';
import { missingRun } from '../store/read.js';
import { tell } from '../surroundings.js';
import { checkSameRun } from '../train/resume.js';
import type { ExplainOptions } from './result.js';

/** Runs that are named where one is not there. */
const MOST_NAMED = 10;

/** What a step is taken of. */
export interface ExplainSource {
  /** As it was named. */
  readonly name: string;
  readonly plan: Plan;
  /** The run, which has a checkpoint to go on from; null: a configuration, which begins with its first weights. */
  readonly folder: RunFolder | null;
}

/**
 * @param what a configuration; or the folder of a run, or a checkpoint in one
 * @param options of a run, what replaces values of its configuration
 * @returns what there is, checked
 * @throws UsageError when there is no such run, or it would be another one; ConfigError when it cannot be built
 */
export function explainSource(what: ResolvedConfig | string, options: ExplainOptions): ExplainSource {
  if (typeof what !== 'string') {
    const plan = planRun(what);
    for (const text of [...what.notes, ...plan.weights.notes()]) tell(options, { type: 'note', text });
    for (const text of what.warnings) tell(options, { type: 'warning', text });
    return { name: what.file, plan, folder: null };
  }
  const folder = runAt(what);
  const { overrides = [], env = {}, data } = options;
  const resolved = loadConfig({ file: folder.config, overrides, env, data, isRecord: true });
  checkSame(resolved, folder);
  return { name: what, plan: planRun(resolved, false), folder };
}

/** As for a run that goes on, in words for one that does not. */
function checkSame(resolved: ResolvedConfig, folder: RunFolder): void {
  try {
    checkSameRun(resolved, folder);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const remedy = `Leave that out; or explain it as a configuration of its own: lossnet explain ${folder.config}`;
    throw new UsageError('LOSSNET_USAGE', error.message, remedy);
  }
}

/** Names what there is, also where nothing has a name like the one that was meant. */
function noRunAt(path: string): UsageError {
  const { code, message, remedy } = missingRun(path);
  const folder = dirname(path);
  const runs = (kindOf(folder) === 'folder' ? foldersIn(folder) : [])
    .map((name) => join(folder, name))
    .filter((run) => exists(new RunFolder(run).config))
    .sort();
  const more = runs.length > MOST_NAMED ? `, and ${runs.length - MOST_NAMED} more` : '';
  const there = `There are: ${runs.slice(0, MOST_NAMED).join(', ')}${more}`;
  return new UsageError(code, message, runs.length === 0 ? remedy : there);
}

function runAt(path: string): RunFolder {
  const kind = kindOf(path);
  if (kind === null) throw noRunAt(path);
  const folder = kind === 'folder' ? path : dirname(path);
  if (isExported(folder)) throw exportedModel(folder);
  const isInside = basename(folder) === 'checkpoints' && !exists(new RunFolder(folder).config);
  const run = new RunFolder(isInside ? dirname(folder) : folder);
  if (!exists(run.config)) throw missingRun(path);
  if (kind === 'file' && basename(path) !== 'resume.safetensors') {
    throw new UsageError(
      'LOSSNET_USAGE',
      `${path} holds weights alone, and a step also needs what the optimizer remembers.`,
      `Name the run, which goes on from its last checkpoint: ${run.path}`,
    );
  }
  return run;
}
