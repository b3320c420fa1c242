import { UsageError } from '../../base/errors.js';
import { checkNames, type Fields } from './fields.js';

const OPERATORS = ['>=', '<=', '!=', '==', '>', '<', '='] as const;
type Operator = (typeof OPERATORS)[number];

/** What a run must be, such as `eval_accuracy>0.6` or `optimizer.type=adam`. */
interface Condition {
  readonly text: string;
  readonly name: string;
  readonly operator: Operator;
  readonly bound: string;
}

/**
 * Chooses runs by conditions, all of which must hold, and puts them in order. A run that has no such value meets `!=` alone, and comes
 * last in any order.
 *
 * @param runs each with what is known of it
 * @param where conditions: a name, one of `= != > >= < <=`, and a value; a time such as 2026-11-26 for `changed`
 * @param sort a name, with a dash in front for the largest first; undefined: as they come
 * @returns those that are chosen
 * @throws UsageError with all that is wrong with the conditions and the order
 */
export function choose<T>(
  runs: readonly { readonly run: T; readonly fields: Fields }[],
  where: readonly string[],
  sort: string | undefined,
): T[] {
  const conditions = parseConditions(where);
  const key = sort?.replace(/^-/, '');
  const fields = runs.map((run) => run.fields);
  const named = conditions.map(({ name, text }) => ({ name, from: `--where ${JSON.stringify(text)}` }));
  checkNames([...named, ...(key === undefined ? [] : [{ name: key, from: `--sort ${sort}` }])], fields);
  checkBounds(conditions, fields);
  const chosen = runs.filter((run) => conditions.every((condition) => holds(condition, run.fields)));
  if (key === undefined) return chosen.map(({ run }) => run);
  const direction = sort!.startsWith('-') ? -1 : 1;
  return chosen
    .toSorted((a, b) => inOrder(a.fields.get(key), b.fields.get(key), direction))
    .map(({ run }) => run);
}

function parseConditions(where: readonly string[]): Condition[] {
  const parsed = where.map((text) => {
    const [, name = '', operator = '', bound = ''] =
      /^\s*([^<>=!]*?)\s*([<>!]=|==|[<>=])\s*(.*?)\s*$/s.exec(text) ?? [];
    return { text, name, operator: OPERATORS.find((known) => known === operator), bound };
  });
  const wrong = parsed.filter(({ operator, bound }) => operator === undefined || bound === '');
  if (wrong.length > 0) {
    throw new UsageError(
      'LOSSNET_USAGE',
      wrong.map(({ text }) => `--where ${JSON.stringify(text)}: expected name, operator, value.`).join('\n'),
      "For example 'eval_accuracy>0.6', optimizer.type=adam or status!=done; operators: = != > >= < <=",
    );
  }
  return parsed as Condition[];
}

/** More or less than a text says nothing, but for times. */
function checkBounds(conditions: readonly Condition[], runs: readonly Fields[]): void {
  const problems = conditions.flatMap(({ text, name, operator, bound }) => {
    const from = `--where ${JSON.stringify(text)}`;
    if (name === 'changed')
      return Number.isNaN(timeOf(bound)) ? [`${from}: ${bound} is no time, such as 2026-11-26.`] : [];
    if (!/^[<>]/.test(operator) || isNumber(bound)) return [];
    const percent = /^([\d.]+) *%$/.exec(bound);
    const instead = percent === null ? '' : `; write ${Number(percent[1]) / 100}`;
    return [`${from}: ${bound} is no number${instead}.`];
  });
  for (const { text, name, operator } of conditions) {
    const value = runs.map((fields) => fields.get(name)).find((own) => own != null);
    if (/^[<>]/.test(operator) && typeof value === 'string')
      problems.push(`--where ${JSON.stringify(text)}: ${name} is a text, such as ${value}: take = or !=.`);
  }
  if (problems.length > 0) throw new UsageError('LOSSNET_USAGE', problems.join('\n'));
}

const isNumber = (text: string) => text !== '' && Number.isFinite(Number(text));

function holds({ name, operator, bound }: Condition, fields: Fields): boolean {
  const value = fields.get(name);
  if (value === undefined || (value === null && bound !== 'null')) return operator === '!=';
  const difference = compared(value, bound);
  switch (operator) {
    case '=':
    case '==':
      return difference === 0;
    case '!=':
      return difference !== 0;
    case '>':
      return difference > 0;
    case '>=':
      return difference >= 0;
    case '<':
      return difference < 0;
    case '<=':
      return difference <= 0;
  }
}

/** NaN where two are neither the same nor in any order. */
function compared(value: unknown, bound: string): number {
  if (value instanceof Date) return value.getTime() - timeOf(bound);
  if (typeof value === 'number') return value - Number(bound);
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text === bound ? 0 : Number.NaN;
}

/** A day begins where the machine is, as it is shown. */
const timeOf = (text: string) => Date.parse(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00` : text);

function inOrder(a: unknown, b: unknown, direction: number): number {
  if (a == null || b == null) return Number(a == null) - Number(b == null);
  if (typeof a === 'string' && typeof b === 'string')
    return direction * new Intl.Collator('en', { numeric: true }).compare(a, b);
  return direction * (Number(a) - Number(b) || 0);
}
