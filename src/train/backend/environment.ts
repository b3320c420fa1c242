import { LossnetError } from '../../base/errors.js';

/** More than any machine has cores: from some thousands on, TensorFlow takes minutes to start them, if it can. */
export const MOST_THREADS = 1024;

const THREADS = {
  allowed: `a whole number from 1 to ${MOST_THREADS}, or 0 for all cores`,
  isAllowed: isCount,
};
const SWITCH = {
  allowed: '1 or true, 0 or false',
  isAllowed: (text: string) => /^(0|1|true|false)$/i.test(text),
};

/**
 * What TensorFlow reads by itself when it is loaded, and would abort at, hang at, or take for something else; and a switch of
 * lossnet's own.
 */
const VARIABLES = {
  TF_NUM_INTRAOP_THREADS: THREADS,
  TF_NUM_INTEROP_THREADS: THREADS,
  TF_ENABLE_ONEDNN_OPTS: SWITCH,
  TF_MKL_OPTIMIZE_PRIMITIVE_MEMUSE: SWITCH,
  LOSSNET_OFFLINE: SWITCH,
} as const;

type VariableName = keyof typeof VARIABLES;
type Environment = Readonly<Record<string, string | undefined>>;

/** Variables with TensorFlow's threads: within one op, and for ops side by side. */
export type ThreadVariable = 'TF_NUM_INTRAOP_THREADS' | 'TF_NUM_INTEROP_THREADS';

/**
 * Checks these variables. Empty ones count as unset.
 *
 * @param env environment variables by name, such as `process.env`
 * @returns each that cannot be, and its name and value with what is allowed
 */
export function wrongVariables(env: Environment): { readonly name: VariableName; readonly text: string }[] {
  return (Object.keys(VARIABLES) as VariableName[]).flatMap((name) => {
    const { allowed, isAllowed } = VARIABLES[name];
    const value = env[name];
    if (!value || isAllowed(value)) return [];
    return [{ name, text: `${name}=${JSON.stringify(value)}: expected ${allowed}.` }];
  });
}

/** What is wrong with them in words alone: see `wrongVariables`. */
export function environmentProblems(env: Environment): string[] {
  return wrongVariables(env).map(({ text }) => text);
}

/**
 * Makes `process.env` fit for TensorFlow, right before it is loaded.
 *
 * @param defaults what is set where the user has not
 * @throws LossnetError `LOSSNET_ENVIRONMENT` for a value that TensorFlow would not survive
 */
export function prepareEnvironment(defaults: Readonly<Partial<Record<VariableName, string>>>): void {
  const problems = environmentProblems(process.env);
  if (problems.length > 0) {
    throw new LossnetError('LOSSNET_ENVIRONMENT', problems.join('\n'), 'Unset it, or give it such a value.');
  }
  for (const name of Object.keys(VARIABLES) as VariableName[]) {
    const value = process.env[name] || defaults[name];
    // An empty one aborts TensorFlow too. What is as it should be is not touched, since TensorFlow may be reading it by now.
    if (value === process.env[name]) continue;
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
}

/**
 * @param env environment variables that have been checked
 * @param name which
 * @returns the number of threads that it names; null: as TensorFlow chooses, one for each core
 */
export function threadsIn(env: Environment, name: ThreadVariable): number | null {
  return Number(env[name]) || null;
}

function isCount(text: string): boolean {
  return /^\d+$/.test(text) && Number(text) <= MOST_THREADS;
}
