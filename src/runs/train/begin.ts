import { remove, writeFileAtomically } from '../../base/files.js';
import { VERSION } from '../../base/package.js';
import { initialize, loadConfig, type Plan, type Run } from '../../config/index.js';
import type { Progress } from '../../train/checkpoint.js';
import { newProgress } from '../../train/progress.js';
import { overBy } from '../../train/stopping.js';
import { measuredOf } from '../../train/task/index.js';
import type { Place } from '../parallel/place.js';
import { cutBack } from '../store/cut-back.js';
import { type FolderMode, type RunFolder, savedConfig } from '../store/folder.js';
import { preprocessingText } from '../store/preprocessing.js';
import { sourcesIn, sourcesText } from '../store/sources.js';
import { type Surroundings, tell } from '../surroundings.js';
import type { Data } from './prepare.js';
import { checkEpochs } from './resume.js';

/** What is to be trained, in a folder that is this process's own. */
interface BeginningRun {
  readonly plan: Plan;
  readonly folder: RunFolder;
  readonly mode: FolderMode;
  /** Where this process stands among several; null: it trains alone. */
  readonly place: Place | null;
}

/**
 * Finds out where a run begins, and brings its model and its folder in line with it.
 *
 * @param job what is to be trained where
 * @param run its parts, as yet without values
 * @param data what is recorded of them besides: the data set that was asked for, if another is used, and what was fitted
 * @param surroundings told what is lost, or that there is nothing to go on from
 * @returns where the run stands
 * @throws UsageError when it is further already than it is to come; LossnetError when its checkpoint or its records are
 * damaged
 */
export function begin(
  { plan, folder, mode, place }: BeginningRun,
  run: Run,
  { standsInFor, preprocessing }: Pick<Data, 'standsInFor' | 'preprocessing'>,
  surroundings: Surroundings,
): Progress {
  const { yaml } = plan.resolved;
  const saved = run.parts.checkpoints?.load() ?? null;
  if (saved !== null) checkEpochs(saved, plan, folder, place);
  else {
    if (mode === 'resume') {
      const text = `Nothing was saved yet in ${folder.path}: starting at the first step.`;
      tell(surroundings, { type: 'message', text });
    }
    initialize(plan);
  }
  const { task } = run.parts.program;
  const progress = saved ?? newProgress(task);
  const before = mode === 'resume' ? loadConfig({ file: folder.config, isRecord: true }).yaml : yaml;
  const metrics = measuredOf(plan.source.spec.target, plan.config.loss.type);
  const records = { logEvery: before.log_every, standsInFor, metrics };
  for (const text of cutBack(folder, progress, records)) tell(surroundings, { type: 'warning', text });
  // It tells how the run ended before, and it goes on.
  if (overBy(progress, run.options) === null) remove(folder.summary);
  const known = mode === 'resume' ? sourcesIn(folder) : null;
  writeFileAtomically(folder.sources, sourcesText(plan.resolved, folder, known));
  if (preprocessing) writeFileAtomically(folder.preprocessing, preprocessingText(preprocessing));
  // One of other data may be left there, by a process that was killed before its run had begun.
  else remove(folder.preprocessing);
  writeFileAtomically(folder.config, savedConfig(yaml, VERSION, standsInFor));
  return progress;
}
