import { kindOf } from '../../../base/read.js';
import {
  ConfigError,
  isPresetName,
  type PresetName,
  type Problem,
  presetNames,
} from '../../../config/index.js';
import { nearest } from '../../../config/validate/spelling.js';
import { runFolders } from '../../store/run-folders.js';
import { type Axis, parseAxis, splitValues } from './axis.js';

/** What the arguments of `compare` mean, each told by its form. */
export interface Request {
  readonly presets: readonly PresetName[];
  /** YAML files, each a configuration to compare. */
  readonly configs: readonly string[];
  /** Folders of runs; a folder with runs in it stands for them. */
  readonly runs: readonly string[];
  /** `key=a,b`: every combination is a variant. */
  readonly axes: readonly Axis[];
  /** `key=value`: for all variants. */
  readonly overrides: readonly string[];
}

/** Keys that the comparison itself decides, and what does it. */
const OWN_KEYS: Readonly<Record<string, string>> = {
  name: 'name the comparison with --name',
  seed: 'to repeat with several seeds: --seeds 3; the first is seed, such as seed=5',
  parallel: 'several machines share a comparison with --shard; its runs train with one process each',
  runs_dir: 'one folder holds the whole comparison',
  threads: 'variants with different threads could not share the machine fairly',
};

type Argument = { readonly text: string; readonly index: number };

/**
 * Tells presets, `key=value`s, configurations and run folders apart.
 *
 * @param args the arguments, as they were typed
 * @returns what they ask for
 * @throws ConfigError with everything that is wrong with them
 */
export function parseRequest(args: readonly string[]): Request {
  const problems: Problem[] = [];
  const presets: PresetName[] = [];
  const [configs, runs, overrides]: [string[], string[], string[]] = [[], [], []];
  const axes: Axis[] = [];
  const seen = new Set<string>();
  args.forEach((text, index) => {
    const argument = { text, index };
    const report = (message: string, ...help: string[]) =>
      void problems.push(problemOf(argument, message, help));
    const folders = !isPresetName(text) && isFolder(text) ? runFolders(text) : [];
    // Of what is there nobody means an assignment, even if it looks like one.
    const key = folders.length > 0 || isConfig(text) ? undefined : keyOf(text);
    const known = key ?? text.replace(/\/+$/, '');
    if (seen.has(known)) {
      report(
        key === undefined ? `${text} is named twice` : `${known} is set twice`,
        key === undefined ? 'leave one of them out' : `write all values behind one =: ${known}=a,b`,
      );
    }
    seen.add(known);
    if (isPresetName(text)) presets.push(text);
    else if (key !== undefined) readAssignment(argument, axes, overrides, problems);
    else if (isFolder(text)) {
      if (folders.length === 0)
        report(`there is no run in ${text}`, 'name a folder that lossnet train saved in');
      runs.push(...folders.filter((folder) => !runs.includes(folder)));
    } else if (isFile(text)) configs.push(text);
    else if (/\.ya?ml$/i.test(text)) report(`${text} does not exist`);
    else report(...unknown(text));
  });
  const request = { presets, configs, runs, axes, overrides };
  problems.push(...contradictions(request, args));
  if (problems.length > 0) throw new ConfigError(problems);
  return request;
}

function readAssignment(argument: Argument, axes: Axis[], overrides: string[], problems: Problem[]): void {
  const { text } = argument;
  const equals = text.indexOf('=');
  const key = text.slice(0, equals);
  const values = splitValues(text.slice(equals + 1));
  if (values.length === 1 && key !== 'name') {
    overrides.push(text);
    return;
  }
  const own = OWN_KEYS[key];
  if (own !== undefined) {
    const message = values.length === 1 ? `${key} is not for a comparison to set` : `${key} cannot vary`;
    problems.push(problemOf(argument, message, [own]));
    return;
  }
  const axis = parseAxis(key, values);
  if ('message' in axis) problems.push(problemOf(argument, axis.message, axis.help));
  else axes.push(axis);
}

/** What each argument allows, and all together do not. */
function contradictions(
  { presets, configs, runs, axes, overrides }: Request,
  args: readonly string[],
): Problem[] {
  const at = (text: string) => ({ text, index: args.indexOf(text) });
  const [config, run] = [configs[0], runs[0]];
  const trained = [...presets, ...configs, ...axes.map(({ text }) => text), ...overrides];
  if (run !== undefined && trained.length > 0) {
    const message = `${run} is a run, and ${trained[0]} would have to be trained`;
    return [problemOf(at(run), message, ['compare runs with runs, or leave them out'])];
  }
  if (config !== undefined && presets.length > 0) {
    const help = `${presets.join(' and ')} are presets, applied to one configuration: name it with --config ${config}`;
    return [problemOf(at(config), `${config} is a whole configuration, beside presets`, [help])];
  }
  if (presets.length === 0) return [];
  const keys = [...axes.map(({ text }) => text), ...overrides];
  return keys
    .filter((text) => /^optimizer(\.type)?=/.test(text))
    .map((text) =>
      problemOf(at(text), `${text.slice(0, text.indexOf('='))} is what the presets set`, [
        `leave out ${presets.join(', ')}, or this`,
      ]),
    );
}

function unknown(text: string): [string, ...string[]] {
  if (/[/\\]/.test(text)) return [`${text} does not exist`];
  // Of a short name, two swapped letters are most of it.
  const meant = nearest(text, presetNames) ?? presetNames.find((name) => letters(name) === letters(text));
  const help = meant === undefined ? [] : [`did you mean \`${meant}\`?`];
  const forms = 'else a configuration (a.yaml), the folder of a run, or key=value';
  return [`there is no preset \`${text}\``, ...help, `presets: ${presetNames.join(', ')}`, forms];
}

/** A problem with an argument as a whole. */
export function problemOf({ text, index }: Argument, message: string, help: readonly string[]): Problem {
  const source = { kind: 'argument', text, index } as const;
  return { path: '', message, help, place: { source, span: { source, start: 0, end: text.length } } };
}

/** The key of `key=value`; undefined for anything else. */
function keyOf(text: string): string | undefined {
  return /^([^=/\\]+)=/.exec(text)?.[1];
}

const letters = (text: string) => [...text.toLowerCase()].sort().join('');
const isFolder = (path: string) => kindOf(path) === 'folder';
const isConfig = (path: string) => /\.ya?ml$/i.test(path) && isFile(path);
const isFile = (path: string) => kindOf(path) === 'file';
