import { remove, writeFileAtomically } from '../../base/files.js';
import { VERSION } from '../../base/version.js';
import type { Io } from '../../cli/io.js';
import { initialize, loadConfig, type Plan, type ResolvedConfig, type Run } from '../../config/index.js';
import type { Progress } from '../../train/checkpoint.js';
import { newProgress } from '../../train/trainer.js';
import { cutBack } from '../store/cut-back.js';
import type { FolderMode, RunFolder } from '../store/folder.js';
import { savedConfig } from '../store/saved-config.js';
import { checkEpochs } from './resume.js';

export interface BeginRequest {
  readonly resolved: ResolvedConfig;
  readonly plan: Plan;
  readonly folder: RunFolder;
  readonly mode: FolderMode;
}

/**
 * Finds out where a run begins, and brings its model and its folder in line with it.
 *
 * @param request what is to be trained, in a folder that is this process's own
 * @param run its parts, as yet without values
 * @param standsInFor the data set that was asked for, if another is used
 * @param io where to say what is lost, or that there is nothing to go on from
 * @returns where the run stands
 * @throws UsageError when it is further already than it is to come; LossnetError when its checkpoint or its records are
 * damaged
 */
export function begin(
  { resolved, plan, folder, mode }: BeginRequest,
  run: Run,
  standsInFor: string | undefined,
  io: Io,
): Progress {
  const saved = run.parts.checkpoints?.load() ?? null;
  if (saved !== null) checkEpochs(saved, plan.config.epochs, folder);
  else {
    if (mode === 'resume') io.log(`Nothing was saved yet in ${folder.path}: starting at the first step.`);
    initialize(plan);
  }
  const progress = saved ?? newProgress(run.parts.program.task);
  const before =
    mode === 'resume' ? loadConfig({ file: folder.config, overrides: [], env: {} }).yaml : resolved.yaml;
  for (const notice of cutBack(folder, progress, { logEvery: before.log_every, standsInFor })) {
    io.log(`${io.style.err.yellow('warning')}: ${notice}`);
  }
  // It tells how the run ended before, and it goes on.
  if (progress.epoch < plan.config.epochs) remove(folder.summary);
  writeFileAtomically(folder.config, savedConfig(resolved.yaml, VERSION, standsInFor));
  return progress;
}
