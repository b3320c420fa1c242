import { type Problem, placeOf, type Source } from '../problems/problem.js';
import { type Assignment, type Assignments, parseAssignment, type Segment } from './assignment.js';

/** Variables of lossnet's that are no configuration keys. */
export const RESERVED_VARIABLES = [
  'LOSSNET_DATA',
  'LOSSNET_CACHE',
  'LOSSNET_LIBTENSORFLOW',
  'LOSSNET_OFFLINE',
] as const;

const PREFIX = 'LOSSNET_';

/** Environment variables by name, such as `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads variables such as `LOSSNET_OPTIMIZER__LR=0.1`: two underscores separate levels, case does not count, the
 * value is parsed as YAML, where no value is null. Reserved names are left out.
 */
export function parseEnvironment(env: Environment): Assignments {
  const assignments: Assignment[] = [];
  const problems: Problem[] = [];
  const seen = new Map<string, string>();
  for (const [variable, value] of Object.entries(env).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const upper = variable.toUpperCase();
    if (!upper.startsWith(PREFIX) || value === undefined) continue;
    if (RESERVED_VARIABLES.some((name) => name === upper)) continue;
    const source: Source = { kind: 'env', variable, text: `${variable}=${value}` };
    const path = splitName(source, variable);
    const key = path.map(({ name }) => name).join('.');
    const twin = seen.get(key);
    seen.set(key, variable);
    if (twin !== undefined) {
      const span = { source, start: 0, end: variable.length };
      problems.push({
        path: key,
        message: `${twin} and ${variable} set the same key`,
        help: ['unset one of the two'],
        place: placeOf(span),
      });
      continue;
    }
    const parsed = parseAssignment(source, path, variable.length + 1);
    assignments.push(...parsed.assignments);
    problems.push(...parsed.problems);
  }
  return { assignments, problems };
}

/** The variable that sets a key: `LOSSNET_OPTIMIZER__LR` for `optimizer.lr`. */
export function variableOf(path: string): string {
  return PREFIX + path.toUpperCase().replaceAll('.', '__');
}

function splitName(source: Source, variable: string): Segment[] {
  let start = PREFIX.length;
  return variable
    .slice(PREFIX.length)
    .split('__')
    .map((name) => {
      const span = { source, start, end: start + name.length };
      start = span.end + 2;
      return { name: name.toLowerCase(), span };
    });
}
