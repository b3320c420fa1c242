import { LossnetError } from '../../base/errors.js';
import { formatProblems, sortProblems } from './format.js';
import type { Problem } from './problem.js';

/**
 * A configuration that cannot be used, with everything that is wrong with it. `message` is the plain text of
 * `formatProblems`; a terminal formats `problems` itself, with colour. The remedies are part of the problems.
 */
export class ConfigError extends LossnetError {
  /** Sorted by position. */
  readonly problems: readonly Problem[];

  /** @param problems at least one, in any order */
  constructor(problems: readonly Problem[]) {
    super('LOSSNET_CONFIG_INVALID', formatProblems(problems));
    this.problems = sortProblems(problems);
  }
}
