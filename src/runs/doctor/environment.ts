import { configSchema } from '../../config/index.js';
import { toJsonSchema } from '../../config/json-schema.js';
import { type Environment, parseEnvironment, RESERVED_VARIABLES } from '../../config/sources/environment.js';
import { allPaths } from '../../config/validate/allowed.js';
import { nearest } from '../../config/validate/spelling.js';
import { wrongVariables } from '../../train/backend/environment.js';
import { type Check, note, ok, problem } from './check.js';
import { isThreads } from './machine.js';

/**
 * Lists lossnet's variables that are set, since they change every training, and finds those that would stop each.
 *
 * @param env environment variables by name
 */
export function checkEnvironment(env: Environment): Check[] {
  const { assignments, problems } = parseEnvironment(env);
  const known = allPaths(toJsonSchema(configSchema), {});
  const wrong = wrongVariables(env).filter(({ name }) => !isThreads(name));
  const refused = wrong.map(({ name, text }) =>
    problem(name, text, `Unset ${name}, or give it such a value.`),
  );
  const reserved = RESERVED_VARIABLES.filter((name) => env[name] && !wrong.some((own) => own.name === name));
  const keys = assignments.map(({ path }): Check => {
    const key = path.map(({ name }) => name).join('.');
    const source = path[0]!.span.source;
    const variable = source.kind === 'env' ? source.variable : key;
    // Layers are known by their number alone.
    if (known.includes(key) || /^(model|init)\./.test(key))
      return note(variable, `${env[variable]}: takes the place of ${key} in every configuration`);
    const meant = nearest(key, known);
    const guess =
      meant === undefined ? [] : [`Did you mean LOSSNET_${meant.toUpperCase().replaceAll('.', '__')}?`];
    return problem(
      variable,
      `there is no key ${key}: every training is refused`,
      ...guess,
      `Unset ${variable}.`,
    );
  });
  const broken = problems.map(({ path, message, help }) => problem(`variable for ${path}`, message, ...help));
  return [...reserved.map((name) => ok(name, env[name]!)), ...refused, ...keys, ...broken];
}
