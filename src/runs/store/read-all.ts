import { LossnetError, UsageError } from '../../base/errors.js';
import { type Surroundings, tell } from '../surroundings.js';

/**
 * Reads several runs. One that cannot be read, such as somebody else's, does not keep the others from being shown: it is named
 * and left out.
 *
 * @param paths the runs' folders
 * @param read reads one
 * @param least how many are needed
 * @param surroundings told what is left out
 * @returns what was read, in the same order, and how many are left out
 * @throws UsageError that names every folder without a run; LossnetError when fewer can be read than are needed
 */
export function readAll<T>(
  paths: readonly string[],
  read: (path: string) => T,
  least: number,
  surroundings: Surroundings,
): { readonly results: T[]; readonly leftOut: number } {
  const results: T[] = [];
  const problems: { readonly path: string; readonly error: LossnetError }[] = [];
  for (const path of paths) {
    try {
      results.push(read(path));
    } catch (error) {
      if (!(error instanceof LossnetError)) throw error;
      problems.push({ path, error });
    }
  }
  if (results.length < least || problems.some(({ error }) => error instanceof UsageError)) {
    throw together(problems.map(({ error }) => error));
  }
  for (const { path, error } of problems) {
    const text = `${path} is left out. ${error.message}`;
    tell(surroundings, { type: 'warning', text, remedy: error.remedy });
  }
  return { results, leftOut: problems.length };
}

function together(problems: readonly LossnetError[]): LossnetError {
  const [first] = problems as [LossnetError];
  if (problems.length === 1) return first;
  const lines = problems.map(({ message }) => message.replace(/^/gm, '  '));
  const text = `These cannot be read:\n${lines.join('\n')}`;
  const isUsage = problems.some((error) => error instanceof UsageError);
  return new (isUsage ? UsageError : LossnetError)(first.code, text, first.remedy);
}
