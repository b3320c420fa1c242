import { jsonLine } from '../../base/printable.js';
import { type Gate, isGate, type Metric, parseGate } from '../../config/index.js';
import { analyse, type Target } from '../../runs/compare/judge/analysis.js';
import { fairnessOf } from '../../runs/compare/judge/fairness.js';
import { resultsRecord } from '../../runs/compare/judge/record.js';
import type { VariantResult } from '../../runs/compare/judge/results.js';
import { checkGate, type GateResult } from '../../runs/gates.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { type Io, warn } from '../io.js';
import { appendJobSummary } from '../job-summary.js';
import { type Comparison, markdown, showComparison } from './show.js';

/** How results are shown and judged. */
export interface Showing {
  readonly output: 'people' | 'quiet' | 'json' | 'markdown';
  readonly by: Metric | undefined;
  readonly target: Target | undefined;
  readonly gates: readonly Gate[];
}

/**
 * Finds out what came of variants: their order, whether they can be compared, what was expected of them.
 *
 * @param results of each variant
 * @param options title of the comparison; shared: whether runs shared the machine; how it is to be judged
 * @returns all that is to be told
 */
export function assess(
  results: readonly VariantResult[],
  { title, shared, showing }: { readonly title: string; readonly shared: boolean; readonly showing: Showing },
): Comparison {
  const analysis = analyse(results, showing);
  const standIns = results.flatMap(({ runs }) =>
    runs.flatMap(({ record }) => record?.start?.stands_in_for ?? []),
  );
  const gates = analysis.variants.flatMap((variant): GateResult[] => {
    const own = variant.runs[0]?.record?.config.expect.map(parseGate).filter(isGate) ?? [];
    const meant = showing.gates.filter((gate) => gate.variant === null || gate.variant === variant.name);
    return [...own, ...meant].map((gate) => {
      const text = gate.variant === null ? `${variant.name}.${gate.text}` : gate.text;
      const value = variant.status === 'done' ? (variant.figures[gate.metric]?.mean ?? null) : null;
      return checkGate({ ...gate, text }, value);
    });
  });
  return {
    title: `lossnet compare: ${title}`,
    analysis,
    fairness: fairnessOf(results),
    gates,
    shared,
    standsInFor: standIns[0] ?? null,
  };
}

/**
 * Tells the results, in the form that is asked for, and adds them to the summary of a CI job.
 *
 * @param comparison the results
 * @param head what `--json` has besides them
 * @param showing in which form
 * @param io where to print
 */
export function conclude(comparison: Comparison, head: object, { output }: Showing, io: Io): void {
  if (output === 'json') io.print(jsonLine({ ...head, results: resultsRecord(comparison) }));
  else if (output === 'markdown') io.print(markdown(comparison));
  else showComparison(io, comparison, output === 'people');
  appendJobSummary(io, markdown(comparison));
}

export function tellReport(html: string, io: Io): void {
  io.print(`${io.style.out.dim('report  ')} ${html}`);
}

/** A comparison is none the worse for it. */
export function tellNoReport(reason: string, io: Io): void {
  warn(io, `no report was written: ${reason}`);
}

/** A variant that diverged is a result; that all did, or that one failed, is none. */
export function exitCodeOf({ analysis: { variants }, gates }: Comparison): ExitCode {
  if (variants.some(({ status }) => status === 'failed')) return EXIT.failed;
  if (variants.every(({ status }) => status === 'diverged')) return EXIT.diverged;
  return gates.every(({ passed }) => passed) ? EXIT.done : EXIT.unexpected;
}
