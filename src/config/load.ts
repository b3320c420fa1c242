import { stringify } from 'yaml';
import { UsageError } from '../base/errors.js';
import type { DataSpec } from '../train/data/dataset.js';
import type { DataSource } from '../train/data/source.js';
import { dimensions } from '../train/model/shape.js';
import { adviceOn } from './advice.js';
import { addDefaults } from './defaults.js';
import { jsonSchema } from './json-schema.js';
import { ConfigError } from './problems/errors.js';
import { type Problem, placeOf, type Source } from './problems/problem.js';
import { listing } from './problems/text.js';
import { type ResolvedConfig, resolved, type Variation } from './resolved.js';
import { checkRules } from './rules.js';
import { blameVersion, migrate, versionIn } from './saved.js';
import { plannedStepsPerEpoch, scheduleMisfits } from './schedule-fit.js';
import { type ConfigInput, type ConfigYaml, configSchema } from './schema/index.js';
import { applyLayer } from './sources/apply.js';
import { parseOverrides } from './sources/assignment.js';
import { type Environment, parseEnvironment } from './sources/environment.js';
import { parseYaml } from './sources/parse-yaml.js';
import { readConfigText } from './sources/read-file.js';
import { type BlockTree, childOf, type Tree, toPlain, treeAt } from './sources/tree.js';
import { describeValue } from './validate/hints.js';
import { placeAt } from './validate/issues.js';
import { validate } from './validate/validate.js';

interface Layers {
  /** Arguments such as `optimizer.lr=0.1`. */
  readonly overrides?: readonly string[] | undefined;
  /** Environment variables, mostly `process.env`: those that begin with `LOSSNET_` count. */
  readonly env?: Environment | undefined;
  /** Values by dotted key in the place of those of the file, and below the overrides: nothing is said of what they replace. */
  readonly replace?: Readonly<Record<string, unknown>> | undefined;
  /** Data of one's own in the place of the data set that the configuration names. */
  readonly data?: DataSource | undefined;
  /** Whether it is read as the record of a run, not to train: then nothing is said about its training. Default false. */
  readonly isRecord?: boolean | undefined;
}

/** Where a configuration comes from, and what is laid over it. */
export type LoadOptions = Layers &
  (
    | { /** Path of the YAML file. */ readonly file: string }
    | {
        /** The configuration itself, with the keys of a file. */
        readonly config: ConfigInput;
        /** What errors call it. Default: `config`. */
        readonly file?: string | undefined;
      }
  );

/**
 * Loads a configuration: reads and parses the file, lays `LOSSNET_*` variables and then the overrides over it,
 * fills in defaults and validates the result.
 *
 * @param options the file or the configuration itself, and what is laid over it
 * @returns the configuration and where each of its values comes from
 * @throws ConfigError with all that is wrong, in the file, the environment and the arguments
 */
export function loadConfig(options: LoadOptions): ResolvedConfig {
  const { overrides = [], env = {}, replace = {}, data, isRecord = false } = options;
  const source = sourceOf(options);
  const parsed = parseYaml(source);
  const fromEnv = parseEnvironment(env);
  const fromArguments = parseOverrides(overrides);
  const problems = [...parsed.problems, ...fromEnv.problems, ...fromArguments.problems];
  // Of a file that does not parse, anything else that could be said would be a guess.
  if (parsed.tree === undefined) throw new ConfigError(problems);
  if (parsed.tree.kind !== 'block') throw new ConfigError([...problems, notABlock(parsed.tree, source.file)]);

  const writtenBy = versionIn(source.text);
  const environment = applyLayer(migrate(parsed.tree, writtenBy), fromEnv.assignments);
  const own = data === undefined ? replace : { ...replace, dataset: customDataset(data.spec) };
  const replaced = applyLayer(environment.tree, parseOverrides(assignmentsOf(own)).assignments);
  const commandLine = applyLayer(replaced.tree, fromArguments.assignments);
  problems.push(...environment.problems, ...commandLine.problems);
  const notes = [...environment.notes, ...commandLine.notes];
  const tree = addDefaults(commandLine.tree, source.file, env);
  return settle(tree, problems, { notes, file: source.file, data, isRecord, writtenBy });
}

function sourceOf(options: LoadOptions): Extract<Source, { kind: 'file' }> {
  if (!('config' in options)) {
    return { kind: 'file', file: options.file, text: readConfigText(options.file) };
  }
  // As text, so that problems can show the line that they are in.
  return { kind: 'file', file: options.file ?? 'config', text: written(() => stringify(options.config)) };
}

/** What belongs to a configuration besides its values. */
interface Settled {
  readonly notes: readonly string[];
  readonly file: string;
  readonly data: DataSource | undefined;
  readonly isRecord: boolean;
  /** The version that saved it with a run; null: a person wrote it. */
  readonly writtenBy: string | null;
}

/** Validates what all layers have made, defaults filled in. */
function settle(tree: BlockTree, before: readonly Problem[], about: Settled): ResolvedConfig {
  const { isRecord, data: source, file } = about;
  const { data, problems: invalid } = validate(configSchema, tree);
  const problems = [
    ...before,
    ...[...invalid, ...brokenRules(tree, about)].filter((problem) => !isKnown(problem, before)),
  ];
  if (data === undefined || problems.length > 0)
    throw new ConfigError(blameVersion(problems, about.writtenBy));
  return resolved(data, tree, {
    notes: [...about.notes, ...adviceOn(data)],
    warnings: isRecord ? [] : scheduleWarnings(data),
    file,
    data: source,
    with: (values) => vary(tree, values, { ...about, notes: [] }),
  });
}

/** Lays further values over a configuration, as arguments would be. */
function vary(base: BlockTree, values: Variation, about: Settled): ResolvedConfig {
  const texts = isTexts(values) ? values : assignmentsOf(values);
  const { assignments, problems } = parseOverrides(texts);
  const layer = applyLayer(base, assignments);
  return settle(addDefaults(layer.tree, about.file, {}), [...problems, ...layer.problems], {
    ...about,
    notes: layer.notes,
  });
}

const isTexts = (values: Variation): values is readonly string[] => Array.isArray(values);

/** As arguments would be: JSON is YAML. */
const assignmentsOf = (values: Readonly<Record<string, unknown>>) =>
  Object.entries(values).map(([key, value]) => `${key}=${written(() => JSON.stringify(value))}`);

/** A program may give what no file can hold, such as functions and circles. */
function written(write: () => string | undefined): string {
  try {
    return write() ?? 'null';
  } catch (error) {
    throw new UsageError(
      'LOSSNET_USAGE',
      `The configuration holds what no file could: ${(error as Error).message}`,
    );
  }
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
function brokenRules(tree: BlockTree, { isRecord, data }: Settled): Problem[] {
  const valid: Record<string, unknown> = {};
  for (const [key, schema] of Object.entries(configSchema.shape)) {
    const part = childOf(tree, key);
    const result = schema.safeParse(part && toPlain(part));
    if (result.success) valid[key] = result.data;
  }
  return checkRules(valid as Partial<ConfigYaml>, { isRecord, hasData: data !== undefined }).map(
    ({ path, message, help, otherwise, details }) => {
      const isSet = treeAt(tree, path.split('.')) !== undefined;
      const target = isSet || otherwise === undefined ? path : otherwise;
      const place = placeAt(tree, target.split('.'));
      return { path: target, message, help, place, ...(details !== undefined && { details }) };
    },
  );
}

/**
 * How a configuration tells of data that a program gives: what they are, so that the model can be checked against them and
 * the run can be read again.
 *
 * @param spec of the data
 * @returns the `dataset` block
 */
function customDataset({
  name,
  input,
  target,
  hasTest = false,
}: DataSpec): NonNullable<ConfigInput['dataset']> {
  const [classes, values] = target.kind === 'class' ? [target.names, []] : [[], target.names];
  return {
    ...{ type: 'custom', name, shape: dimensions(input) },
    ...{ classes: [...classes], values: [...values], has_test: hasTest },
  };
}
