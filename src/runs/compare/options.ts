import { UsageError } from '../../base/errors.js';
import { EPOCH_METRICS, type EpochMetric, type Gate, isOfTest } from '../../config/index.js';
import { checkBaseline, readBaseline } from '../baseline.js';
import { checkFigures, parseGates } from '../gates.js';
import { keyOf, type Measured } from '../store/figures.js';
import type { Surroundings } from '../surroundings.js';
import type { CompareEvent } from './events.js';
import type { Comparison, Criteria } from './ranking/comparison.js';
import type { Tuning } from './tune/tuning.js';
import type { Winner } from './tune/winner.js';

export interface CompareOptions extends Surroundings, Pick<Criteria, 'by'> {
  /** YAML file that presets and grids are applied to. Default: lossnet's configs/cifar-sgd.yaml. */
  readonly config?: string | undefined;
  /** Repeats each variant with so many seeds. Default 1; with `tune` 3. */
  readonly seeds?: number | undefined;
  /** Runs at a time. Default: as many as the cores are best used by. */
  readonly jobs?: number | undefined;
  /** Refuses to train more runs; with `tune`, longer than so many whole runs. Default 32. */
  readonly maxRuns?: number | undefined;
  /** Name of the comparison; its folder is `runs/compare-<name>`. Default: from its variants. */
  readonly name?: string | undefined;
  /** Replaces a comparison of the same name. Default: refuse. */
  readonly force?: boolean | undefined;
  /** To be reached soon, such as `eval_accuracy>=0.6`. Default: what the worst reached that learnt. */
  readonly target?: string | undefined;
  /** What figures must be at the end, such as `adam.eval_accuracy>=0.6`. */
  readonly expect?: readonly string[] | undefined;
  /** Folder of a run or comparison that the figures are held against; a gate may name it. Default: none. */
  readonly baseline?: string | undefined;
  /** Whether gates take figures of data that only stood in for others. Default: they fail. */
  readonly allowsStandIn?: boolean | undefined;
  /** Trains a part of the runs alone, such as `2/5`, every fifth from the second on, in a folder of its own. Default: all. */
  readonly shard?: string | undefined;
  /** Folders of such parts, to be joined in place of anything that is asked for. Default: none. */
  readonly merge?: readonly string[] | undefined;
  /**
   * Keys to tune first, such as `lr`, `optimizer.lr=1e-5..10` or `optimizer.momentum=0,0.9`: each variant with as many trials, on
   * a part that is not the test part; the best of each is then trained with seeds that tuning has not seen. Default: nothing.
   */
  readonly tune?: readonly string[] | undefined;
  /** Told what happens. */
  readonly onEvent?: ((event: CompareEvent) => void) | undefined;
}

/** What came of a comparison. */
export interface Compared {
  /** null: only a part was trained. */
  readonly comparison: Comparison | null;
  /** What came of tuning; null: nothing was tuned. */
  readonly tuning: Tuning | null;
  /** The best tuned configuration, where it was written; null: there is none. */
  readonly winner: Winner | null;
  /** null: nothing could be kept. */
  readonly folder: string | null;
  /** Runs that were named and could not be read. */
  readonly leftOut: number;
  /** Runs of a part that failed, of their own or the machine's fault; 0 of a whole, whose variants say it. */
  readonly failed: number;
}

/**
 * @param options what is asked for
 * @param names of the variants
 * @param metrics that their tasks have
 * @param hasTest whether they leave samples for the end
 * @param ofConfigs what their configurations expect
 * @returns by what they are compared
 * @throws ConfigError, UsageError when it is by what cannot be
 */
export function criteriaOf(
  { by, target, expect = [], allowsStandIn, ...options }: CompareOptions,
  names: readonly string[],
  metrics: readonly Measured[],
  hasTest: boolean,
  ofConfigs: readonly Gate[] = [],
): Criteria {
  const goals = target === undefined ? [] : parseGates([target], null, '--target');
  const gates = parseGates(expect, names);
  const baseline = options.baseline === undefined ? undefined : readBaseline(options.baseline);
  checkBaseline([...ofConfigs, ...gates], baseline, names);
  const asked = [
    ...(by === undefined ? [] : [{ option: '--by', metric: by }]),
    ...goals.map(({ metric }) => ({ option: '--target', metric })),
    ...gates.map(({ metric }) => ({ option: '--expect', metric })),
  ];
  checkFigures(asked, metrics, hasTest);
  const [goal] = goals;
  if (goal && goal.ofBaseline !== 0) {
    const message = '--target: a figure of the baseline is nothing to be reached in an epoch.';
    throw new UsageError(
      'LOSSNET_USAGE',
      message,
      "Name a number, or expect it: --expect 'eval_loss<=baseline'.",
    );
  }
  if (goal && isOfTest(goal.metric)) {
    const message = `--target: ${goal.metric} is known at the end alone, and is not reached in an epoch.`;
    throw new UsageError('LOSSNET_USAGE', message, `Name a figure of epochs: ${EPOCH_METRICS.join(', ')}.`);
  }
  const reached = goal && { metric: keyOf(goal.metric as EpochMetric), bound: goal.bound };
  return { by, target: reached, gates, allowsStandIn, baseline };
}
