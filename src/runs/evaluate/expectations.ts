import { UsageError } from '../../base/errors.js';
import { bareName, type Metrics } from '../../train/task/index.js';
import { noBaseline } from '../baseline.js';
import { checkGate, type GateResult, type GateTerms, parseGates } from '../gates.js';
import { metricText } from '../metric-text.js';
import type { Evaluated } from './result.js';

/** Gates on the figures of one evaluation. */
export interface Expectations {
  /**
   * @param figures names of those that will be known
   * @param part how they are called in a run
   * @throws UsageError for a gate on another figure
   */
  check(figures: readonly string[], part: Evaluated['part']): void;
  /** @param baseline the other model's figures; null: there is none */
  results(figures: Metrics, baseline: Metrics | null, terms: GateTerms): GateResult[];
}

const PREFIX = /^\s*(best_)?(train|eval|test)_/;

/**
 * Reads what figures of an evaluation must be, with or without its part in front: `accuracy>=0.6`, `eval_accuracy>=0.6`.
 *
 * @param texts in order
 * @param hasBaseline whether there is another model, whose figures they may name
 * @returns the gates
 * @throws ConfigError with everything that is wrong with them
 */
export function expectations(texts: readonly string[], hasBaseline: boolean): Expectations {
  // What is named without its part is of whatever part is evaluated.
  const gates = parseGates(
    texts.map((text) => (PREFIX.test(text) ? text : `eval_${text.trimStart()}`)),
    null,
  );
  const [relative] = gates.flatMap(({ ofBaseline }, i) => (ofBaseline === 0 ? [] : [texts[i]!]));
  if (relative !== undefined && !hasBaseline) throw noBaseline(relative);
  return {
    check(figures, part) {
      for (const [i, { metric }] of gates.entries()) {
        const text = texts[i]!;
        const name = bareName(metric);
        if (!figures.includes(name)) {
          throw new UsageError(
            'LOSSNET_USAGE',
            `--expect ${text}: ${metricText(name)} is never known with these data.`,
            `The figures here are ${figures.join(', ')}.`,
          );
        }
        if (PREFIX.test(text) && metric !== `${part}_${name}`) {
          throw new UsageError(
            'LOSSNET_USAGE',
            `--expect ${text}: ${part === 'all' || part === 'other' ? 'these samples are no part of the run' : `the figure here is ${part}_${name}`}.`,
            `Write ${text.replace(metric, name)}, or choose other samples with --part.`,
          );
        }
      }
    },
    results: (figures, baseline, terms) =>
      gates.map((gate, i) => {
        const name = bareName(gate.metric);
        const other = finite(baseline?.[name]);
        const change = other === null ? null : { baseline: other, margin: null };
        return { ...checkGate(gate, finite(figures[name]), { ...terms, change }), gate: texts[i]! };
      }),
  };
}

const finite = (value: number | undefined) => (value !== undefined && Number.isFinite(value) ? value : null);
