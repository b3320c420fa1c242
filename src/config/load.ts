import { adviceOn } from './advice.js';
import { addDefaults } from './defaults.js';
import { jsonSchema } from './json-schema.js';
import { ConfigError } from './problems/errors.js';
import { type Problem, placeOf, type Source } from './problems/problem.js';
import { listing } from './problems/text.js';
import { type ResolvedConfig, resolved } from './resolved.js';
import { checkRules } from './rules.js';
import { plannedStepsPerEpoch, scheduleMisfits } from './schedule-fit.js';
import { type ConfigYaml, configSchema } from './schema/index.js';
import { applyLayer } from './sources/apply.js';
import { parseOverrides } from './sources/assignment.js';
import { type Environment, parseEnvironment } from './sources/environment.js';
import { parseYaml } from './sources/parse-yaml.js';
import { readConfigText } from './sources/read-file.js';
import { type BlockTree, childOf, type Tree, toPlain, treeAt } from './sources/tree.js';
import { describeValue } from './validate/hints.js';
import { placeAt } from './validate/issues.js';
import { validate } from './validate/validate.js';

export interface LoadOptions {
  /** Path of the YAML file. */
  readonly file: string;
  /** Arguments such as `optimizer.lr=0.1`. */
  readonly overrides?: readonly string[];
  /** Environment variables, mostly `process.env`: those that begin with `LOSSNET_` count. */
  readonly env?: Environment;
  /** Whether it is read as the record of a run, not to train: then nothing is said about its training. Default false. */
  readonly isRecord?: boolean;
}

/**
 * Loads a configuration: reads and parses the file, lays `LOSSNET_*` variables and then the overrides over it,
 * fills in defaults and validates the result.
 *
 * @param options the file, and what is laid over it
 * @returns the configuration and where each of its values comes from
 * @throws ConfigError with all that is wrong, in the file, the environment and the arguments
 */
export function loadConfig({
  file,
  overrides = [],
  env = {},
  isRecord = false,
}: LoadOptions): ResolvedConfig {
  const source: Source = { kind: 'file', file, text: readConfigText(file) };
  const parsed = parseYaml(source);
  const fromEnv = parseEnvironment(env);
  const fromArguments = parseOverrides(overrides);
  const problems = [...parsed.problems, ...fromEnv.problems, ...fromArguments.problems];
  // Of a file that does not parse, anything else that could be said would be a guess.
  if (parsed.tree === undefined) throw new ConfigError(problems);
  if (parsed.tree.kind !== 'block') throw new ConfigError([...problems, notABlock(parsed.tree, file)]);

  const environment = applyLayer(parsed.tree, fromEnv.assignments);
  const commandLine = applyLayer(environment.tree, fromArguments.assignments);
  problems.push(...environment.problems, ...commandLine.problems);

  const tree = addDefaults(commandLine.tree, file, env);
  const { data, problems: invalid } = validate(configSchema, tree);
  problems.push(
    ...[...invalid, ...brokenRules(tree, isRecord)].filter((problem) => !isKnown(problem, problems)),
  );
  if (data === undefined || problems.length > 0) throw new ConfigError(problems);
  const notes = [...environment.notes, ...commandLine.notes, ...adviceOn(data)];
  return resolved(data, tree, { notes, warnings: isRecord ? [] : scheduleWarnings(data) }, file);
}

/** All of them: a configuration with a fatal one is refused before. */
function scheduleWarnings(config: ConfigYaml): string[] {
  return scheduleMisfits(config, plannedStepsPerEpoch(config)).map(({ message }) => message);
}

function notABlock(tree: Tree, file: string): Problem {
  const { source } = tree.span;
  if (tree.kind === 'scalar' && tree.value === null) {
    const what = source.text.trim() === '' ? 'is empty' : 'holds no keys, only comments';
    const needed = listing(jsonSchema().required ?? []);
    const message = `${file} ${what}`;
    return { path: '', message, help: [`a configuration needs at least ${needed}`], place: { source } };
  }
  const value = toPlain(tree);
  const glued = typeof value === 'string' ? /^(\w+):\S/.exec(value) : null;
  return {
    path: '',
    message: `expected a block of keys, such as \`epochs: 20\`; received ${describeValue(value)}`,
    help: glued ? [`a space is missing after the colon: write \`${glued[1]}: …\``] : [],
    place: placeOf(tree.span),
  };
}

/** What YAML could not make out has been reported: that it is no good value either adds nothing. */
function isKnown({ place }: Problem, known: readonly Problem[]): boolean {
  const { source, span } = place;
  if (span === undefined || place.frame === false) return false;
  return known.some((other) => other.place.source === source && other.place.span?.start === span.start);
}

/** Checks the rules on the blocks that are valid by themselves, whatever the others are. */
function brokenRules(tree: BlockTree, isRecord: boolean): Problem[] {
  const valid: Record<string, unknown> = {};
  for (const [key, schema] of Object.entries(configSchema.shape)) {
    const part = childOf(tree, key);
    const result = schema.safeParse(part && toPlain(part));
    if (result.success) valid[key] = result.data;
  }
  return checkRules(valid as Partial<ConfigYaml>, isRecord).map(
    ({ path, message, help, otherwise, details }) => {
      const isSet = treeAt(tree, path.split('.')) !== undefined;
      const target = isSet || otherwise === undefined ? path : otherwise;
      const place = placeAt(tree, target.split('.'));
      return { path: target, message, help, place, ...(details !== undefined && { details }) };
    },
  );
}
