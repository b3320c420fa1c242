import { UsageError } from '../base/errors.js';
import {
  ConfigError,
  figuresOfTask,
  type Gate,
  isGate,
  isOfTest,
  type Metric,
  type Problem,
  parseGate,
} from '../config/index.js';
import { nearest } from '../config/validate/spelling.js';
import type { Change } from './baseline.js';
import type { Measured } from './store/figures.js';

/** A gate, and what the figure was. */
export interface GateResult {
  readonly gate: string;
  /** null: never measured, as of a run that diverged at once. */
  readonly value: number | null;
  readonly passed: boolean;
  /** Why it failed whatever the figure is; absent: the figure decides. */
  readonly reason?: string;
  /** Where the baseline's figure is part of what is expected: that figure, what follows of it, and what differs between seeds. */
  readonly baseline?: number;
  readonly bound?: number;
  readonly margin?: number | null;
}

/** What decides a gate besides the figure. */
export interface GateTerms {
  /** The data set that was asked for, where other data stood in for it: a figure of theirs says nothing about it. */
  readonly standsInFor?: string | null | undefined;
  /** Whether such a figure counts all the same. Default: no. */
  readonly allowsStandIn?: boolean | undefined;
  /** The figure beside the baseline's; null: it has none. */
  readonly change?: Pick<Change, 'baseline' | 'margin'> | null | undefined;
}

/**
 * Reads what `--expect` was given.
 *
 * @param texts the option's values, in order
 * @param variants names that a gate may begin with; null: no comparison, so none
 * @param option that they were given to
 * @returns the gates
 * @throws ConfigError with everything that is wrong
 */
export function parseGates(
  texts: readonly string[],
  variants: readonly string[] | null,
  option = '--expect',
): Gate[] {
  const parsed = texts.map(parseGate);
  const problems = parsed.flatMap((gate, index): Problem[] => {
    const source = { kind: 'argument', text: texts[index]!, index } as const;
    const at = (start: number, end: number) => ({ source, span: { source, start, end } });
    if (!isGate(gate)) {
      return [{ path: option, message: gate.message, help: gate.help, place: at(gate.start, gate.end) }];
    }
    if (gate.variant === null || variants?.includes(gate.variant)) return [];
    return [{ path: option, ...unknownVariant(gate, variants), place: at(0, gate.variant.length) }];
  });
  if (problems.length > 0) throw new ConfigError(problems);
  return parsed.filter(isGate);
}

function unknownVariant({ variant, metric }: Gate, variants: readonly string[] | null) {
  if (variants === null) {
    return {
      message: `\`${variant}\` would be a variant of a comparison, and this is a single run`,
      help: [`leave it out: ${metric}`],
    };
  }
  const meant = nearest(variant ?? '', variants);
  return {
    message: `there is no variant \`${variant}\``,
    help: [...(meant ? [`did you mean \`${meant}\`?`] : []), `variants: ${variants.join(', ')}`],
  };
}

/** How samples are left for the end. */
const HOLD_OUT =
  'Leave some: dataset.split: { val: 0.1 } of a data set with a test part of its own, dataset.split.test: 0.1 of your own.';

/**
 * Refuses figures that are never known, before anything is trained for them.
 *
 * @param asked figures, and the options that name them
 * @param metrics that the runs' tasks have
 * @param hasTest whether samples are left for the end
 * @throws UsageError naming the first that is of another task
 */
export function checkFigures(
  asked: readonly { readonly option: string; readonly metric: Metric }[],
  metrics: readonly Measured[],
  hasTest: boolean,
): void {
  const known = figuresOfTask(metrics, hasTest);
  const other = asked.find(({ metric }) => !known.includes(metric));
  if (other === undefined) return;
  if (isOfTest(other.metric) && !hasTest) {
    throw new UsageError(
      'LOSSNET_USAGE',
      `${other.option}: ${other.metric} is never known, since no samples are left for the end.`,
      HOLD_OUT,
    );
  }
  throw new UsageError(
    'LOSSNET_USAGE',
    `${other.option}: ${other.metric} is never known with these data.`,
    `The figures here are ${known.join(', ')}.`,
  );
}

/**
 * @param gate what is expected
 * @param value the figure that it is about
 * @param terms whether data stood in for others
 * @returns whether it is so
 */
export function checkGate(gate: Gate, value: number | null, terms: GateTerms = {}): GateResult {
  const { standsInFor, allowsStandIn = false, change = null } = terms;
  const { ofBaseline } = gate;
  // Without a figure of the baseline nothing holds.
  const bound = ofBaseline === 0 ? gate.bound : ofBaseline * (change?.baseline ?? Number.NaN) + gate.bound;
  const holds = (figure: number): boolean => {
    switch (gate.operator) {
      case '>=':
        return figure >= bound;
      case '<=':
        return figure <= bound;
      case '>':
        return figure > bound;
      case '<':
        return figure < bound;
    }
  };
  const against =
    ofBaseline === 0 || change === null ? {} : { baseline: change.baseline, bound, margin: change.margin };
  if (standsInFor != null && !allowsStandIn) {
    return { gate: gate.text, value, passed: false, reason: `on shapes, not on ${standsInFor}`, ...against };
  }
  return { gate: gate.text, value, passed: value !== null && holds(value), ...against };
}
