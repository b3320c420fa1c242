import type { GateResult } from '../runs/gates.js';
import type { Io } from './io.js';

/** One line for people, with the figure in the unit that gates have. */
export function describeGate(result: GateResult, { out }: Io['style']): string {
  const { gate, passed } = result;
  const verdict = passed ? out.green('passed') : out.red(out.bold('FAILED'));
  return `${verdict}  ${gate}  (${findingOf(result)})`;
}

/** Gates as a Markdown list. */
export function gateList(gates: readonly GateResult[]): string[] {
  if (gates.length === 0) return [];
  const lines = gates.map(
    (result) =>
      `- ${result.passed ? '✅' : '❌'} \`${result.gate}\`: ${findingOf(result).replace(/^it is /, '')}`,
  );
  return ['', ...lines];
}

function findingOf({ value, reason }: GateResult): string {
  const figure = value === null ? 'never measured' : `it is ${Number(value.toPrecision(6))}`;
  return reason === undefined ? figure : `${figure}, ${reason}: --allow-stand-in takes it all the same`;
}
