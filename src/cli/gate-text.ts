import { wrap } from '../config/problems/text.js';
import type { GateResult } from '../runs/gates.js';
import type { Io } from './io.js';
import { textWidth } from './ui/style.js';

/** Columns that the words have beside a gate however long it is. */
const MOST_WORDS = 30;

/** For people, with the figure in the unit that gates have: a line, on a terminal as many as it takes. */
export function describeGate(result: GateResult, { style: { out }, stdout }: Io): string {
  const { gate, passed } = result;
  const verdict = passed ? 'passed' : 'FAILED';
  const colour = (text: string) => (passed ? out.green(text) : out.red(out.bold(text)));
  const width = stdout.columns ? textWidth(stdout) : Number.POSITIVE_INFINITY;
  const room = width - verdict.length - 2;
  const [first = '', ...rest] = wrap(`(${findingOf(result)})`, Math.max(room - gate.length - 2, MOST_WORDS));
  const indent = ' '.repeat(verdict.length + 2);
  return [`${colour(verdict)}  ${gate}  ${first}`, ...rest.map((line) => `${indent}${line}`)].join('\n');
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

function findingOf(result: GateResult): string {
  const { value, reason } = result;
  const figure = value === null ? 'never measured' : `it is ${short(value)}${againstOf(result)}`;
  return reason === undefined ? figure : `${figure}, ${reason}: --allow-stand-in takes it all the same`;
}

/** What the baseline's figure makes of what is expected, and whether the change is more than what differs between seeds. */
function againstOf({ value, baseline, bound, margin }: GateResult): string {
  if (baseline === undefined || bound === undefined || value === null) return '';
  const limit = bound === baseline ? '' : `, so ${short(bound)}`;
  const change = value - baseline;
  const noise =
    margin == null
      ? ''
      : `; a change of ${short(change)} ± ${short(Number(margin.toFixed(9)))} between seeds${Math.abs(change) <= margin ? ', no more than chance' : ''}`;
  return `, the baseline ${short(baseline)}${limit}${noise}`;
}

const short = (value: number): number => Number(value.toPrecision(6));
