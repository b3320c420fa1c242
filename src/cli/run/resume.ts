import { loadConfig, type ResolvedConfig } from '../../config/index.js';
import { UsageError } from '../errors.js';
import { leaves } from '../store/differences.js';
import type { RunFolder } from '../store/folder.js';

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
];

/**
 * Refuses to continue a run under a configuration that would have made another one.
 *
 * @param config the configuration now
 * @param folder the run's folder, with the configuration that it began with
 * @throws UsageError listing every differing key
 */
export function checkSameRun(config: ResolvedConfig, folder: RunFolder): void {
  const saved = leaves(loadConfig({ file: folder.config, isRecord: true }).yaml);
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
    `Resume it as it is with: lossnet train ${folder.path} --resume\nOr start a new run with --name.`,
  );
}
