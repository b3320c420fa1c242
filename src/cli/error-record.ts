import { LossnetError } from '../base/errors.js';
import { ConfigError } from '../config/problems/errors.js';
import { type Place, type Problem, positionOf } from '../config/problems/problem.js';

/** An error as `--json` has it, one line on stdout: everything that is wrong, for scripts. */
export interface ErrorRecord {
  readonly type: 'error';
  /** What scripts tell errors apart by. */
  readonly code: string;
  readonly problems: readonly ProblemRecord[];
}

/** One thing that is wrong, and where: a line and a column of a file, a variable, or an argument. */
export interface ProblemRecord {
  readonly message: string;
  /** What to do about it, a sentence each. */
  readonly help: readonly string[];
  /** Dotted path of a configuration's key. */
  readonly path?: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly variable?: string;
  readonly argument?: string;
}

/**
 * @param error anything that was thrown
 * @returns its record; what is no error of lossnet's has the code LOSSNET_DEFECT
 */
export function errorRecord(error: unknown): ErrorRecord {
  if (error instanceof ConfigError) {
    return { type: 'error', code: error.code, problems: error.problems.map(problemRecord) };
  }
  if (error instanceof LossnetError) return oneProblem(error.code, error.message, error.remedy);
  return oneProblem('LOSSNET_DEFECT', error instanceof Error ? error.message : String(error));
}

/** @param remedy lines of what to do about it */
export function oneProblem(code: string, message: string, remedy?: string): ErrorRecord {
  return { type: 'error', code, problems: [{ message, help: remedy?.split('\n') ?? [] }] };
}

function problemRecord({ path, message, help, place }: Problem): ProblemRecord {
  return { ...(path !== '' && { path }), message, help, ...whereabouts(place) };
}

function whereabouts({ source, span }: Place): Partial<ProblemRecord> {
  switch (source.kind) {
    case 'file':
      return { file: source.file, ...(span && positionOf(source.text, span.start)) };
    case 'env':
      return { variable: source.variable };
    case 'argument':
      return { argument: source.text };
    case 'default':
      return {};
  }
}
