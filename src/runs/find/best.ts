import { UsageError } from '../../base/errors.js';
import { isBetter } from '../../train/task/index.js';
import { haveSameLoss } from '../store/differences.js';
import { readRun } from '../store/read.js';
import { differentSamples } from '../store/samples.js';
import type { RunOverview } from './overview.js';

const REMEDY = 'Name runs that can be held against each other, or choose among them with --where.';

/**
 * The best of several runs, each by the best value of the figure that it monitors.
 *
 * @param runs that were found
 * @param count how many are wanted
 * @returns the best ones, the best first; fewer where fewer have such a value
 * @throws UsageError when their figures cannot be held against each other: of other figures, losses or samples
 */
export function best(runs: readonly RunOverview[], count: number): RunOverview[] {
  const judged = runs.flatMap((overview) => {
    const found = overview.run?.best;
    return found == null ? [] : [{ overview, ...found }];
  });
  const monitors = new Map<string, number>();
  for (const { monitor } of judged) monitors.set(monitor, (monitors.get(monitor) ?? 0) + 1);
  if (monitors.size > 1) {
    const counts = [...monitors].map(([name, number]) => `${name} (${number})`);
    throw refusal(`--keep-best: these runs monitor different figures: ${counts.join(', ')}.`);
  }
  const records = judged.map(({ overview }) => ({ name: overview.path, record: readRun(overview.path) }));
  const [monitor] = monitors.keys();
  if (monitor?.endsWith('_loss') && !haveSameLoss(records.map(({ record }) => record)))
    throw refusal('--keep-best: these runs have losses of different kinds, whose values cannot be compared.');
  const groups =
    monitor === undefined ? null : differentSamples(records, monitor.startsWith('train') ? 'train' : 'eval');
  if (groups !== null) {
    const lines = groups.map(({ samples, names }) => `  ${samples}: ${names.join(', ')}`);
    throw refusal(`--keep-best: the figures of these runs are of different samples:\n${lines.join('\n')}`);
  }
  return judged
    .toSorted(
      (a, b) => Number(isBetter(a.monitor, b.value, a.value)) - Number(isBetter(a.monitor, a.value, b.value)),
    )
    .slice(0, count)
    .map(({ overview }) => overview);
}

const refusal = (message: string): UsageError => new UsageError('LOSSNET_RUNS_UNLIKE', message, REMEDY);
