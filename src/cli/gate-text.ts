import type { GateResult } from '../runs/gates.js';
import type { Io } from './io.js';

/** One line for people, with the figure in the unit that gates have. */
export function describeGate({ gate, value, passed }: GateResult, { out }: Io['style']): string {
  const verdict = passed ? out.green('passed') : out.red(out.bold('FAILED'));
  return `${verdict}  ${gate}  (${value === null ? 'never measured' : `it is ${Number(value.toPrecision(6))}`})`;
}

/** Gates as a Markdown list. */
export function gateList(gates: readonly GateResult[]): string[] {
  if (gates.length === 0) return [];
  const lines = gates.map(
    ({ gate, value, passed }) =>
      `- ${passed ? '✅' : '❌'} \`${gate}\`: ${value === null ? 'never measured' : Number(value.toPrecision(6))}`,
  );
  return ['', ...lines];
}
