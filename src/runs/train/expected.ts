import {
  type Gate,
  isGate,
  METRICS,
  type Metric,
  type Plan,
  parseGate,
  toSnakeCase,
} from '../../config/index.js';
import { flatTestFigures } from '../../train/epoch-figures.js';
import type { EndEvent } from '../../train/events.js';
import { type Baseline, type Change, changeOf, doubts, runsFor } from '../baseline.js';
import { checkGate, type GateResult } from '../gates.js';
import { figuresOf, type TestRecord } from '../store/figures.js';
import type { RunFolder } from '../store/folder.js';
import { readRun } from '../store/read.js';

/** A run, and what it is held against. */
interface Held {
  readonly plan: Plan;
  readonly folder: RunFolder;
  readonly gates: readonly Gate[];
  readonly allowsStandIn: boolean | undefined;
  readonly baseline: Baseline | undefined;
}

/** What the configuration itself expects of its run. */
export const expectedBy = ({ config }: Plan): Gate[] => config.expect.map(parseGate).filter(isGate);

/**
 * Holds the figures of a run that has ended against what is expected of them, and against the baseline.
 *
 * @param job the run, and what it is held against
 * @param end how it ended
 * @param standsInFor the data set that was asked for, where other data stood in for it
 * @returns what came of each gate, every figure that the baseline has too, and what keeps both from meaning the same; nothing
 * of a run that is not done
 */
export function againstExpected(
  { plan, gates, folder, allowsStandIn, baseline }: Held,
  end: EndEvent,
  standsInFor: string | undefined,
): { gates: GateResult[]; changes: Change[]; warnings: string[] } {
  const all = [...expectedBy(plan), ...gates];
  if ((all.length === 0 && baseline === undefined) || end.status !== 'done') {
    return { gates: [], changes: [], warnings: [] };
  }
  const record = readRun(folder.path);
  const test = end.test && (toSnakeCase(flatTestFigures(end.test)) as TestRecord);
  const figures = figuresOf(record.epochs, record.metrics, test);
  const own = [{ seed: plan.config.seed, figures, record }];
  const others = baseline === undefined ? [] : runsFor(baseline, null);
  const change = (metric: Metric) => changeOf(metric, own, others);
  return {
    gates: all.map((gate) => {
      const terms = { standsInFor, allowsStandIn, change: change(gate.metric) };
      return checkGate(gate, figures[gate.metric] ?? null, terms);
    }),
    // The best epochs' say little more, and are chosen.
    changes: METRICS.filter((metric) => !metric.startsWith('best_')).flatMap(
      (metric) => change(metric) ?? [],
    ),
    warnings: baseline === undefined ? [] : doubts(own, others, baseline.path),
  };
}
